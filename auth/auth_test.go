package auth

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"cifra"
)

// cheap keeps the tests fast; what they count are calls, not costs.
var cheap = Params{Memory: 64, Passes: 1, Threads: 1}

// testClock is a clock that only moves when told.
type testClock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func newTestClock() *testClock {
	return &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a service with everything it stands on.
type world struct {
	*Service
	store *memoryStore
	clock *testClock
}

const goodPassword = "lluvia de abril"

func newWorld(t *testing.T) world {
	t.Helper()
	return newWorldOn(t, newMemoryStore(), newTestClock(), nil)
}

// newWorldOn is one instance of several that share a store, a clock and perhaps a counter.
func newWorldOn(t *testing.T, store *memoryStore, clock *testClock, shared Counter) world {
	t.Helper()
	keys, err := NewKeys("a secret for tests, long enough to be one", "")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	store.now = clock.Now
	return world{
		Service: New(Deps{
			Users: store, Tokens: store, Personal: store, Setup: store, Roster: store, Hasher: NewHasher(HasherOptions{cheap, 2}),
			Throttle: NewThrottle(shared, clock.Now, log), Keys: keys, Now: clock.Now, Log: log,
		}),
		store: store, clock: clock,
	}
}

// register makes an account that a test needs.
func (w world) register(t *testing.T, name string) *cifra.User {
	t.Helper()
	u, err := w.Register(t.Context(), name, goodPassword)
	if err != nil {
		t.Fatalf("register %s: %v", name, err)
	}
	return u
}

// token returns a valid token of u.
func (w world) token(t *testing.T, u *cifra.User) string {
	t.Helper()
	token, _, err := w.IssueToken(u)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// from returns a context of somebody at this address.
func from(t *testing.T, ip string) context.Context {
	t.Helper()
	return cifra.WithActor(t.Context(), cifra.Actor{IP: ip})
}

func wantCode(t *testing.T, err error, want cifra.Code) {
	t.Helper()
	if got := cifra.CodeOf(err); got != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

func count[T comparable](list []T, x T) int {
	n := 0
	for _, y := range list {
		if x == y {
			n++
		}
	}
	return n
}
