package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"cifra/scripts/servers"
)

// stores are the addresses of the parts that all instances share.
type stores struct{ postgres, redis string }

// startStores starts PostgreSQL, which waits for the disk as in production, and Redis as docker-compose.yml has it.
func startStores(ctx context.Context, keeper *servers.Keeper, s *state, dir string) (stores, error) {
	postgres, postgresURL, err := servers.Postgres(ctx, dir, true)
	if err != nil {
		return stores{}, err
	}
	s.know("postgres", postgresURL, "")
	if err := keeper.Keep(ctx, "postgres", postgres); err != nil {
		return stores{}, err
	}
	redis, redisURL, err := servers.Redis(ctx, dir, "--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru")
	if err != nil {
		return stores{}, err
	}
	s.know("redis", redisURL, "")
	return stores{postgresURL, redisURL}, keeper.Keep(ctx, "redis", redis)
}

// startSites starts the instances and the worker, and returns the instances' addresses.
func startSites(ctx context.Context, keeper *servers.Keeper, s *state, o options, dir string, at stores) ([]string, error) {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir(), "CIFRA_ENV_FILE=" + os.DevNull,
		"CIFRA_DATABASE_URL=" + at.postgres, "CIFRA_CACHE_URL=" + at.redis, "CIFRA_DATA_DIR=" + dir,
		"CIFRA_SECRET=" + rand.Text() + rand.Text(), "CIFRA_TRUSTED_PROXIES=127.0.0.1/32",
		"CIFRA_ADMIN_USERNAME=" + s.Admin, "CIFRA_ADMIN_PASSWORD=" + s.Password,
	}
	if mnist := os.Getenv("CIFRA_MNIST_DIR"); mnist != "" {
		env = append(env, "CIFRA_MNIST_DIR="+mnist)
	}
	var addresses []string
	for i := range o.instances {
		name := fmt.Sprintf("app%d", i+1)
		c, address, err := site(ctx, s, o, name, "serve", env)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, address)
		if err := keeper.Keep(ctx, name, c); err != nil {
			return nil, err
		}
	}
	for i := range o.workers {
		name := fmt.Sprintf("worker%d", i+1)
		c, _, err := site(ctx, s, o, name, "worker", env)
		if err != nil {
			return nil, err
		}
		if err := keeper.Keep(ctx, name, c); err != nil {
			return nil, err
		}
	}
	return addresses, nil
}

// site is one process of cifra, ready to start, with the address on which it serves.
func site(ctx context.Context, s *state, o options, name, command string, env []string) (*servers.Child, string, error) {
	var ports [2]string
	for i := range ports {
		port, err := servers.FreePort(ctx)
		if err != nil {
			return nil, "", err
		}
		ports[i] = "127.0.0.1:" + port
	}
	address, debug := ports[0], ports[1]
	log, err := os.OpenFile(filepath.Join(o.logs, name+".log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a name of ours, in the folder that was asked for
	if err != nil {
		return nil, "", err
	}
	ready := "http://" + address + "/readyz"
	if command == "worker" {
		ready = "http://" + debug + "/metrics"
	}
	s.know(name, "http://"+address, "http://"+debug)
	return &servers.Child{
		Path: o.bin, Args: []string{command}, Dir: filepath.Dir(o.bin), Log: log,
		Env:  append([]string{"CIFRA_ADDR=" + address, "CIFRA_DEBUG_ADDR=" + debug}, env...),
		Quit: syscall.SIGTERM, // it drains
		Ready: func(ctx context.Context) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, ready, nil)
			if err != nil {
				return err
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			if res.StatusCode != http.StatusOK {
				err = fmt.Errorf("%s: %s", strings.TrimPrefix(ready, "http://"), res.Status)
			}
			_ = res.Body.Close()
			return err
		},
	}, address, nil
}
