package cache

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// fileBack keeps values in a folder, a file for each key, so that they outlive the process. It serves one
// process at a time: a lock on the folder sees to that. So leases need no file; what they must still do is
// refuse a value whose key was invalidated while it was made.
//
// A file is eight bytes, the moment in nanoseconds at which it ends, and what is kept.
type fileBack struct {
	c    *Cache
	dir  string
	lock *os.File

	mu     sync.Mutex
	leases map[string]string // key on the wire to the id of who makes its value, guarded by mu
	seq    int64             // guarded by mu
	undos  undos
	tidied int64 // guarded by mu
}

const (
	tidyEvery = 10 * time.Minute
	forever   = 1<<63 - 1
)

func openFiles(c *Cache, rawURL string) (backend, error) {
	dir := strings.TrimPrefix(rawURL, "file://")
	if !filepath.IsAbs(dir) {
		return nil, fmt.Errorf("cache: file://%s: an absolute path is needed: file:///…", dir)
	}
	dir = filepath.Join(dir, c.prefix)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator's folder
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("cache: %s serves another process: %w", dir, err)
	}
	return &fileBack{c: c, dir: dir, lock: lock, leases: map[string]string{}, seq: c.clock.now() / 1000}, nil
}

func (b *fileBack) tier() string { return "file" }

func (b *fileBack) close() error { return b.lock.Close() }

func (b *fileBack) read(_ context.Context, s *slot) (r reply, err error) {
	if r.value, err = b.get(s.key); err != nil {
		return r, refused(err)
	}
	r.gens = make([]string, len(s.keys))
	for i, k := range s.genKeys() {
		g, err := b.get(k)
		if err != nil {
			return r, refused(err)
		}
		r.gens[i] = string(g)
	}
	return r, nil
}

func (b *fileBack) acquire(ctx context.Context, s *slot, id, seen string) (reply, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.read(ctx, s)
	if err != nil {
		return r, err
	}
	keys := s.genKeys()
	for i, text := range r.gens {
		floor := s.gens[i].cur()
		if g, ok := parseBump(text); ok && g.cur >= floor {
			continue
		}
		n := max(b.c.clock.now()/1000, floor+1)
		r.gens[i] = bump{cur: n, hard: n, from: n}.String()
		if err := b.put(keys[i], []byte(r.gens[i]), b.until(i >= 2, s.life)); err != nil {
			return r, refused(err)
		}
	}
	if nonceOf(r.value) == seen {
		b.leases[s.key], r.won = id, true
	}
	return r, nil
}

func (b *fileBack) until(tag bool, life time.Duration) int64 {
	if tag {
		return b.c.clock.now() + int64(max(life, tagLife))
	}
	return forever
}

func (b *fileBack) renew(_ context.Context, s *slot, id string) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leases[s.key] == id, nil
}

func (b *fileBack) fill(_ context.Context, s *slot, id string, value []byte, life time.Duration) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.leases[s.key] != id {
		return false, nil
	}
	delete(b.leases, s.key)
	return true, refused(b.put(s.key, value, b.c.clock.now()+int64(life)))
}

func (b *fileBack) release(_ context.Context, s *slot, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.leases[s.key] == id {
		delete(b.leases, s.key)
	}
	return nil
}

func (b *fileBack) invalidate(_ context.Context, n *notice, floor int64) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seq++
	n.seq = b.seq
	if n.Kind == noticeKey {
		return nil, refused(b.forget(n, valueKeyOf(b.c.root, n)))
	}
	key := genKeyOf(b.c.root, n)
	old, err := b.get(key)
	if err != nil {
		return nil, refused(err)
	}
	g, known := parseBump(string(old))
	now := b.c.clock.now()
	if n.Undo != 0 {
		if !b.undos.take(n, key, g, floor, now) {
			return nil, ErrUndo
		}
		return nil, refused(b.put(key, []byte(n.bump().String()), forever))
	}
	n.follow(g, known, floor, now)
	if n.pure && known {
		b.undos.keep(n, key, g, now)
	}
	if err := b.put(key, []byte(n.bump().String()), b.until(n.Kind == noticeTag, 0)); err != nil {
		return nil, refused(b.drop(key)) // a generation that is gone outdates values as well as a new one
	}
	return nil, nil
}

// forget removes the value of a key, or lets it say that it has expired.
func (b *fileBack) forget(n *notice, key string) error {
	delete(b.leases, key)
	data, err := os.ReadFile(b.path(key))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !n.Soft || len(data) <= 8+softAt:
		err := b.drop(key)
		_ = b.put(key, tomb(n), b.c.clock.now()+int64(afterlife)) // it tells the reason, if there is room
		return err
	}
	data[8+softAt] = 1
	return b.put(key, data[8:], int64(binary.BigEndian.Uint64(data))) //nolint:gosec // written by put
}

// poll removes what has ended, now and then; nobody else changes the folder.
func (b *fileBack) poll(_ context.Context, scopes []string) ([]int64, int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.c.clock.now()
	if now-b.tidied > int64(tidyEvery) {
		b.tidied = now
		if err := b.tidy(now); err != nil {
			return nil, 0, refused(err)
		}
	}
	return make([]int64, len(scopes)), 0, nil
}

func (b *fileBack) tidy(now int64) error {
	return filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(path) == b.dir {
			return err
		}
		f, err := os.Open(path) //nolint:gosec // our own folder
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		head := make([]byte, 8)
		if n, _ := f.Read(head); n < 8 || int64(binary.BigEndian.Uint64(head)) <= now { //nolint:gosec // written by put
			return os.Remove(path) //nolint:gosec // our own folder, which nobody else may write to
		}
		return nil
	})
}

func (b *fileBack) enrol(context.Context, bool) error { return nil }

func (b *fileBack) ack(context.Context, *notice) error { return nil }

// listen hears nothing and misses nothing: there is nobody else.
func (b *fileBack) listen(ctx context.Context, joined func(), _ func(*notice)) error {
	joined()
	<-ctx.Done()
	return ctx.Err()
}
