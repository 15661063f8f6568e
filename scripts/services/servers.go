package main

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

// server is one of the three, with the variable that tells tests where it is.
type server struct {
	name     string
	variable string
	start    func(context.Context) (address string, stop func(), err error)
}

func servers(dir string) []server {
	return []server{
		{"PostgreSQL", "TEST_POSTGRES_URL", func(ctx context.Context) (string, func(), error) { return postgres(ctx, dir) }},
		{"Redis", "TEST_REDIS_URL", func(ctx context.Context) (string, func(), error) { return redis(ctx, dir) }},
		{"Memcached", "TEST_MEMCACHED_ADDR", func(ctx context.Context) (string, func(), error) { return memcached(ctx, dir) }},
	}
}

func postgres(ctx context.Context, dir string) (string, func(), error) {
	bin, err := postgresBin()
	if err != nil {
		return "", nil, err
	}
	home := filepath.Join(dir, "postgres")
	if err := os.Mkdir(home, 0o700); err != nil {
		return "", nil, err
	}
	owner, err := unprivileged("postgres", home)
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(home, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "cifra",
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	initdb.Dir = home
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := freePort(ctx)
	if err != nil {
		return "", nil, err
	}
	c := child{
		path: filepath.Join(bin, "postgres"),
		args: []string{
			"-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
			// The data lives as long as one run of the tests: nothing of it needs to survive a power cut.
			"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
			"-c", "shared_buffers=64MB", "-c", "max_connections=200",
		},
		dir:   home,
		owner: owner,
		quit:  syscall.SIGINT, // "fast": doesn't wait for clients
		ready: func(ctx context.Context) error {
			return exec.CommandContext(ctx, filepath.Join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port).Run()
		},
	}
	stop, err := c.start(ctx)
	return "postgres://cifra@127.0.0.1:" + port + "/postgres?sslmode=disable", stop, err
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

func redis(ctx context.Context, dir string) (string, func(), error) {
	port, err := freePort(ctx)
	if err != nil {
		return "", nil, err
	}
	c := child{
		path:  "redis-server",
		args:  []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir},
		dir:   dir,
		quit:  syscall.SIGTERM,
		ready: func(ctx context.Context) error { return says(ctx, port, "PING\r\n", "+PONG") },
	}
	stop, err := c.start(ctx)
	return "redis://127.0.0.1:" + port + "/0", stop, err
}

func memcached(ctx context.Context, dir string) (string, func(), error) {
	owner, err := unprivileged("nobody", "")
	if err != nil {
		return "", nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return "", nil, err
	}
	c := child{
		path:  "memcached",
		args:  []string{"-l", "127.0.0.1", "-p", port, "-U", "0", "-m", "64"},
		dir:   dir,
		owner: owner,
		quit:  syscall.SIGTERM,
		ready: func(ctx context.Context) error { return says(ctx, port, "version\r\n", "VERSION") },
	}
	stop, err := c.start(ctx)
	return "127.0.0.1:" + port, stop, err
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

// freePort returns a port of 127.0.0.1 on which nobody listens.
func freePort(ctx context.Context) (string, error) {
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
