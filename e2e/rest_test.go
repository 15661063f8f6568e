package e2e

import (
	"net/http"
	"os"
	"testing"
	"time"

	"cifra/e2e/harness"
)

// TestAtRest tells what the program costs while nobody asks for anything: how soon it serves, what it holds in memory, how
// often it wakes, what the file weighs.
func TestAtRest(t *testing.T) {
	if missing != nil {
		t.Skip(missing)
	}
	dir := t.TempDir()
	began := time.Now()
	app := harness.StartInstance(t, program, dir, asAdmin()...)
	first := time.Since(began)
	if err := app.Stop(); err != nil {
		t.Fatal(err)
	}
	again := app.Start()
	l := &load{t: t, urls: []string{app.URL}, web: &http.Client{Timeout: 10 * time.Second}}
	for range 3 { // it has done something before it rests
		if status, _, err := l.one(t.Context(), app.URL, ask{method: http.MethodGet, path: "/"}); status != http.StatusOK {
			t.Fatalf("got %d, %v", status, err)
		}
	}
	held, own, spent := memory(t, app.PID()), processMemory(t, app.PID(), "RssAnon"), cpu(t, app.PID())
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	wakes, busy := watch(t, app.PID())
	for range 5 { // what follows the requests may not have ended
		if wakes <= 100 {
			break
		}
		wakes, busy = watch(t, app.PID())
	}
	t.Logf("at rest: wakes %.0f times a second, %.1f %% of a core", wakes, busy)
	if wakes > 100 {
		t.Errorf("it wakes %.0f times a second for nothing, want 100 at most", wakes)
	}
	t.Logf("an empty folder: serves after %s; the next time: after %s, and %s of CPU; %d MiB of memory, of which %d its own and the rest the program's file; %d MB of file",
		first.Round(time.Millisecond), again.Round(time.Millisecond), spent, held>>20, own>>20, info.Size()/1e6)
	if own > 60<<20 {
		t.Errorf("got %d MiB of its own at rest, want 60 at most", own>>20)
	}
	if info.Size() > 60e6 {
		t.Errorf("got a program of %d MB, want 60 at most", info.Size()/1e6)
	}
}

// watch returns how often a process to which nothing happens wakes in a second, and the part of a core that it takes, in
// percent.
func watch(t *testing.T, pid int) (wakes, busy float64) {
	t.Helper()
	const watched = 4 * time.Second
	before, ran := waits(t, pid), cpu(t, pid)
	<-time.After(watched)
	return float64(waits(t, pid)-before) / watched.Seconds(), 100 * float64(cpu(t, pid)-ran) / float64(watched)
}
