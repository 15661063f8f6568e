package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"cifra"
)

// The throttle's limits. They are always on: no setting turns them off.
const (
	NameFailures    = 10 // the failure of a name from which on it is refused
	AddressFailures = 40 // the failure of an address from which on it is refused
	SetupFailures   = 10 // wrong setup codes from an address
	FailureWindow   = 15 * time.Minute
	BlockTime       = 15 * time.Minute
)

const (
	sharedPatience = 200 * time.Millisecond // for one answer of the shared counter
	sharedPause    = time.Second            // without asking, after it did not answer
)

// Counter counts failures by key within [FailureWindow] and blocks a key for [BlockTime] at a limit.
// Its methods are atomic and safe for concurrent use.
type Counter interface {
	// Check returns for how much longer key is blocked, 0 when it is not. Known is false when
	// the counter has never heard of the key, and when that is too long ago.
	Check(ctx context.Context, key string) (left time.Duration, known bool, err error)
	// Fail counts a failure of key, and blocks key if that is the limit-th in the window.
	// A failure of a blocked key changes nothing. It returns for how much longer key is blocked, 0 when it is not.
	Fail(ctx context.Context, key string, limit int) (left time.Duration, err error)
	// Clear forgets key's failures and its block. An unknown key is no error.
	Clear(ctx context.Context, key string) error
}

// Throttle refuses sign-ins after too many failures. With a shared counter all instances count together. Each also
// counts for itself, and goes by that while the shared counter does not answer or has forgotten (a Redis that
// was restarted): a block outlives Redis.
type Throttle struct {
	shared Counter // nil: one instance
	local  *MemoryCounter
	log    *slog.Logger
	now    func() time.Time
	since  time.Time    // origin of pause
	pause  atomic.Int64 // until when the shared counter is not asked, as time since the origin
}

// NewThrottle returns a throttle that counts in shared, which is nil where there is no Redis, and in memory.
func NewThrottle(shared Counter, now func() time.Time, log *slog.Logger) *Throttle {
	return &Throttle{shared: shared, local: NewMemoryCounter(now), log: log, now: now, since: now()}
}

// check returns cifra.TooOften while one of keys is blocked.
func (t *Throttle) check(ctx context.Context, keys ...string) error {
	var longest time.Duration
	for _, key := range keys {
		longest = max(longest, t.left(ctx, key))
	}
	return throttled(longest)
}

func (t *Throttle) left(ctx context.Context, key string) time.Duration {
	var left time.Duration
	var known bool
	asked := t.ask(ctx, func(ctx context.Context) (err error) {
		left, known, err = t.shared.Check(ctx, key)
		return err
	})
	if asked && known {
		if left == 0 { // lifted, or signed in, perhaps on another instance
			t.local.clear(key)
		}
		return left
	}
	return t.local.check(key)
}

// fail counts a failure of key, and reports for how much longer it is blocked now.
func (t *Throttle) fail(ctx context.Context, key string, limit int) time.Duration {
	own := t.local.fail(key, limit)
	var left time.Duration
	if t.ask(ctx, func(ctx context.Context) (err error) {
		left, err = t.shared.Fail(ctx, key, limit)
		return err
	}) {
		return left
	}
	return own
}

// clear forgets key everywhere. The error says that only this instance has forgotten.
func (t *Throttle) clear(ctx context.Context, key string) error {
	t.local.clear(key)
	if t.shared == nil {
		return nil
	}
	if !t.ask(ctx, func(ctx context.Context) error { return t.shared.Clear(ctx, key) }) {
		return cifra.E(cifra.Unavailable, "error.throttle.shared").Retry(2 * sharedPause)
	}
	return nil
}

// LiftName ends the throttling of a name, for an admin.
// cifra.Unavailable when the shared counter cannot be told, so that other instances may still refuse.
func (t *Throttle) LiftName(ctx context.Context, name string) error {
	return t.clear(ctx, nameKey(name))
}

// LiftAddress ends the throttling of a client's address (of the /64 network of an IPv6 address), like [Throttle.LiftName].
func (t *Throttle) LiftAddress(ctx context.Context, ip string) error {
	return t.clear(ctx, addressKey(ip))
}

// NameBlocked returns for how much longer sign-ins of name are refused, 0 when they are not.
func (t *Throttle) NameBlocked(ctx context.Context, name string) time.Duration {
	return t.left(ctx, nameKey(name))
}

// ask calls the shared counter, and reports whether it answered. What is counted must not depend on whether
// the client waits for the answer, so only the deadline of this call ends it.
func (t *Throttle) ask(ctx context.Context, call func(context.Context) error) bool {
	if t.shared == nil || int64(t.now().Sub(t.since)) < t.pause.Load() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sharedPatience)
	defer cancel()
	if err := call(ctx); err != nil {
		t.pause.Store(int64(t.now().Sub(t.since) + sharedPause))
		t.log.WarnContext(ctx, "sign-in throttle: counting in memory alone", "err", err)
		return false
	}
	return true
}

func throttled(left time.Duration) error {
	if left <= 0 {
		return nil
	}
	return cifra.E(cifra.TooOften, "error.login.throttled", "Minutes", int((left+time.Minute-1)/time.Minute)).Retry(left)
}

// Keys are hashed: a name that nobody has may be anything, a password typed into the wrong field too.
func nameKey(name string) string  { return "name:" + digest(FoldName(name)) }
func addressKey(ip string) string { return "address:" + digest(network(ip)) }
func setupKey(ip string) string   { return "setup:" + digest(network(ip)) }
func digest(s string) string      { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:16]) }

// network returns what counts as one address: an IPv4 address, or the /64 that an IPv6 customer gets.
// Whatever is no address counts as one.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
