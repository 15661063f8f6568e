package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Postgres makes an empty PostgreSQL with its data under dir, and returns it, ready to start, with its address. Where
// durable is false, it doesn't wait for the disk: for data that lives as long as one run of the tests.
func Postgres(ctx context.Context, dir string, durable bool) (*Child, string, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, "", err
	}
	home := filepath.Join(dir, "postgres")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, "", err
	}
	owner, err := unprivileged("postgres", home)
	if err != nil {
		return nil, "", err
	}
	data := filepath.Join(home, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "cifra",
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	initdb.Dir = home
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := FreePort(ctx)
	if err != nil {
		return nil, "", err
	}
	args := []string{
		"-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "shared_buffers=64MB", "-c", "max_connections=200",
	}
	if !durable {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	c := &Child{
		Path: filepath.Join(bin, "postgres"), Args: args, Dir: home, Owner: owner,
		Quit: syscall.SIGINT, // "fast": doesn't wait for clients
		Ready: func(ctx context.Context) error {
			return exec.CommandContext(ctx, filepath.Join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port).Run()
		},
	}
	return c, "postgres://cifra@127.0.0.1:" + port + "/postgres?sslmode=disable", nil
}

// postgresBin returns the folder of the newest PostgreSQL; Debian keeps them out of PATH.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if p, err := exec.LookPath("postgres"); err == nil {
		found = append(found, p)
	}
	if len(found) == 0 {
		return "", errors.New("not installed: run scripts/install.sh")
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p)))) // 0 where the path has no number
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// Redis returns a Redis that keeps nothing, ready to start, with its address. The options are redis-server's.
func Redis(ctx context.Context, dir string, options ...string) (*Child, string, error) {
	port, err := FreePort(ctx)
	if err != nil {
		return nil, "", err
	}
	c := &Child{
		Path:  "redis-server",
		Args:  append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir}, options...),
		Dir:   dir,
		Quit:  syscall.SIGTERM,
		Ready: func(ctx context.Context) error { return says(ctx, port, "PING\r\n", "+PONG") },
	}
	return c, "redis://127.0.0.1:" + port + "/0", nil
}

// Memcached returns a Memcached, ready to start, with its address.
func Memcached(ctx context.Context, dir string) (*Child, string, error) {
	owner, err := unprivileged("nobody", "")
	if err != nil {
		return nil, "", err
	}
	port, err := FreePort(ctx)
	if err != nil {
		return nil, "", err
	}
	c := &Child{
		Path:  "memcached",
		Args:  []string{"-l", "127.0.0.1", "-p", port, "-U", "0", "-m", "64"},
		Dir:   dir,
		Owner: owner,
		Quit:  syscall.SIGTERM,
		Ready: func(ctx context.Context) error { return says(ctx, port, "version\r\n", "VERSION") },
	}
	return c, "127.0.0.1:" + port, nil
}

// unprivileged returns the credentials of name when this program is root, nil otherwise: PostgreSQL and Memcached
// refuse to run as root. It gives that user the folder home, unless home is empty.
func unprivileged(name, home string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if home != "" {
		if err := os.Chown(home, int(uid), int(gid)); err != nil {
			return nil, err
		}
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// FreePort returns a port of 127.0.0.1 on which nobody listens.
func FreePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// says asks the server on port, and returns an error unless the answer begins with want.
func says(ctx context.Context, port, ask, want string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte(ask)); err != nil {
		return err
	}
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(answer[:n], []byte(want)) {
		return fmt.Errorf("port %s says %q, want %q", port, answer[:n], want)
	}
	return nil
}
