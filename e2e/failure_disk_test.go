package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"cifra/e2e/harness"
)

// TestFullDisk fills the disk on which the database lies: writes are refused with 503, reads go on, and when there is room
// again it goes on by itself.
func TestFullDisk(t *testing.T) {
	if missing != nil {
		t.Skip(missing)
	}
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("this user may not mount a small disk (%v); store's TestSQLiteOnAFullDisk has SQLite say the same", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	app := harness.StartInstance(t, program, dir, asAdmin()...)
	admin := signIn(t, app.URL, "admin")
	l := startLoad(t, app.URL)
	l.until(10)
	began := time.Now()
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	l.eventually("refused", func() bool {
		return slices.ContainsFunc(l.between("write", began, time.Now()), func(a asked) bool { return a.status == 503 })
	})
	l.until(5)
	ended := time.Now()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	back := l.untilWritten(ended)
	reads, writes := l.between("read", began, time.Now()), l.between("write", began, time.Now())
	t.Logf("%s of reads, %s of writes; written again %s after there was room", outcomes(reads), outcomes(writes), back.Sub(ended).Round(time.Millisecond))
	for _, a := range reads {
		if a.status != 200 {
			t.Errorf("got a read that failed with %d, %v; want none", a.status, a.err)
			break
		}
	}
	for _, a := range writes {
		if a.status/100 != 2 && (a.status != 503 || !a.later) {
			t.Errorf("got %d, Retry-After %v, %v for a write; want 201, or 503 with Retry-After", a.status, a.later, a.err)
			break
		}
	}
	l.check(app.URL, admin)
}

// fill writes until there is no room, and keeps at it: what the program gives back in the meantime is taken too.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 64 << 10, 4 << 10} {
		for b := make([]byte, size); err == nil; {
			_, err = f.Write(b)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
