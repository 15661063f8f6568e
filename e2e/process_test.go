package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cpu returns the CPU time that a process has taken so far, its own and the kernel's for it.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // from the third on
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond // Linux tells them in hundredths of a second
}

// waits returns how often the threads of a process have gone to sleep by themselves: as often as they were woken.
func waits(t *testing.T, pid int) (n int64) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("no threads of %d, %v", pid, err)
	}
	for _, thread := range threads {
		n += procStatus(t, thread, "voluntary_ctxt_switches")
	}
	return n
}

// memory returns what a process holds in memory (RSS), in bytes.
func memory(t *testing.T, pid int) int64 {
	t.Helper()
	return processMemory(t, pid, "VmRSS")
}

// processMemory is a line of what Linux tells of a process's memory, in bytes.
func processMemory(t *testing.T, pid int, line string) int64 {
	t.Helper()
	return procStatus(t, fmt.Sprintf("/proc/%d/status", pid), line) << 10 // told in units of 1,024 bytes
}

// procStatus is the number in a line of what Linux tells of a process or a thread.
func procStatus(t *testing.T, file, line string) int64 {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^` + line + `:\s+(\d+)`).FindSubmatch(b)
	if found == nil {
		t.Fatalf("no %s in %s", line, file)
	}
	n, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
