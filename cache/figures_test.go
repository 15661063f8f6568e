package cache_test

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"cifra/cache/cachetest"
)

// figures are what the tests measured, for the table that CIFRA_PROVE=1 prints at the end.
var figures struct {
	mu   sync.Mutex
	list []string // guarded by mu
}

// figure notes a measurement.
func figure(t *testing.T, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	t.Log(text)
	figures.mu.Lock()
	defer figures.mu.Unlock()
	figures.list = append(figures.list, fmt.Sprintf("%-42s %s", t.Name(), text))
}

func TestMain(m *testing.M) {
	code := m.Run()
	if cachetest.Full() && len(figures.list) > 0 && os.Getenv("CIFRA_TEST_CHILD") == "" {
		fmt.Fprintln(os.Stderr, "\nwhat was measured:")
		for _, line := range figures.list {
			fmt.Fprintln(os.Stderr, "  "+line)
		}
	}
	os.Exit(code)
}
