package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"cifra/scripts/servers"
)

// state keeps the file of addresses and process ids up to date.
type state struct {
	file string

	mu sync.Mutex // guards State
	servers.State
}

// know notes where a server is, before it is started.
func (s *state) know(name, url, debug string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Processes[name] = servers.Known{URL: url, Debug: debug}
}

// changed notes that a server has come or gone.
func (s *state) changed(name string, pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.Processes[name]
	k.PID = pid
	s.Processes[name] = k
	if err := s.write(); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
	}
}

// write replaces the file in one step, so that nobody reads half of it.
func (s *state) write() error {
	b, err := json.MarshalIndent(s.State, "", "  ") //nolint:gosec // the test's own password, made up for this run, for this user's eyes
	if err != nil {
		return err
	}
	next := s.file + ".next"
	if err := os.WriteFile(next, b, 0o600); err != nil {
		return err
	}
	return os.Rename(next, s.file)
}
