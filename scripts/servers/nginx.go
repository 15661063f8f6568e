package servers

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// Nginx returns a balancer before the given instances ("127.0.0.1:8081"), ready to start, with its address. config is
// the configuration of containers, deploy/nginx.conf; its addresses and folders are replaced by ones of this machine.
func Nginx(dir, config, listen string, instances []string) (*Child, error) {
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx" // Debian's, which is not in everybody's PATH
	}
	home := filepath.Join(dir, "nginx")
	if err := os.MkdirAll(home, 0o755); err != nil { //nolint:gosec // its workers run as another user
		return nil, err
	}
	b, err := os.ReadFile(config) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, err
	}
	text, err := nginxHere(string(b), home, listen, instances)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config, err)
	}
	file := filepath.Join(home, "nginx.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // no secret in it
		return nil, err
	}
	return &Child{
		Path: path, Args: []string{"-p", home, "-c", file, "-g", "daemon off;"}, Dir: home,
		Quit: syscall.SIGTERM,
		Ready: func(ctx context.Context) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/health", nil)
			if err != nil {
				return err
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			return res.Body.Close()
		},
	}, nil
}

var (
	nginxServer = regexp.MustCompile(`(?m)^(\s*)server app\d+:8080( [^;]*)?;\n`)
	nginxListen = regexp.MustCompile(`(?m)^(\s*)listen 8080;`)
)

// nginxHere puts this machine's addresses and folders in the place of the containers'.
func nginxHere(text, home, listen string, instances []string) (string, error) {
	found := nginxServer.FindStringSubmatch(text)
	if found == nil || !nginxListen.MatchString(text) {
		return "", fmt.Errorf("no line such as %q and %q", "server app1:8080;", "listen 8080;")
	}
	var servers strings.Builder
	for _, i := range instances {
		fmt.Fprintf(&servers, "%sserver %s%s;\n", found[1], i, found[2])
	}
	at := nginxServer.FindStringIndex(text)[0]
	text = nginxServer.ReplaceAllString(text, "")
	text = text[:at] + servers.String() + text[at:]
	text = nginxListen.ReplaceAllString(text, "${1}listen "+listen+";")
	text = strings.ReplaceAll(text, "/run/nginx.pid", home+"/pid")
	return strings.ReplaceAll(text, "/var/cache/nginx/", home+"/"), nil
}
