// Package e2e tests the built program as people use it: in a real browser, through the network, with its servers
// coming and going. What a page looks like in each of its states is the business of package views' gallery.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"cifra/e2e/harness"
)

// root is the project's folder, seen from here.
const root = ".."

// What every test shares: the program, built once; one browser; the accessibility checker.
var (
	program string
	chrome  *harness.Browser
	axe     harness.Axe
	missing error // what this machine lacks; tests are skipped with it
)

// pictures is where TestScreenshots leaves the README's pictures; `make screenshots` gives it.
var pictures = flag.String("screenshots", "", "folder for the README's pictures; empty: none are taken")

func TestMain(m *testing.M) {
	if address := os.Getenv(bareAddress); address != "" {
		fmt.Fprintln(os.Stderr, bare(address))
		os.Exit(1)
	}
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if missing = prerequisites(); missing != nil {
		if os.Getenv("CIFRA_REQUIRE_SERVICES") == "1" {
			return 1, missing
		}
		return m.Run(), nil
	}
	dir, err := os.MkdirTemp("", "cifra-e2e-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx := context.Background()
	if program, err = harness.Build(ctx, root, dir); err != nil {
		return 1, err
	}
	if chrome, err = harness.NewBrowser(ctx); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, chrome.Close()) }()
	return m.Run(), nil
}

// prerequisites returns what `make` would have fetched or built, and isn't here.
func prerequisites() (err error) {
	if _, err := harness.Chromium(); err != nil {
		return err
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		return fmt.Errorf("`make test` installs Redis: %w", err)
	}
	axe, err = harness.NewAxe(root)
	return err
}

// serve starts the program for t, and skips t where the machine can't run it.
func serve(t *testing.T, env ...string) *harness.Server {
	t.Helper()
	if missing != nil {
		t.Skip(missing)
	}
	return harness.Serve(t, program, env...)
}
