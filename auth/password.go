package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"cifra"
)

// Params are the costs of argon2id (RFC 9106).
type Params struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultParams take 32 MiB and some 60 ms of one core at 2.5 GHz
// (go test -run '^$' -bench Hash ./auth), above OWASP's least of 19 MiB and two passes.
var DefaultParams = Params{Memory: 32 << 10, Passes: 2, Threads: 1}

const (
	saltBytes = 16
	keyBytes  = 32

	// A queue this long is worked off within hashPatience by two cores at 60 ms a hash;
	// who comes after it would wait in vain.
	hashQueue    = 150
	hashPatience = 5 * time.Second

	// A stored hash may not ask for more than this, whoever wrote it.
	maxMemory  = 256 << 10 // KiB
	maxPasses  = 16
	maxThreads = 8
)

// Hasher makes and compares password hashes, a bounded number at once: each takes [Params.Memory].
// It is safe for concurrent use.
type Hasher struct {
	params  Params
	slots   chan struct{}
	waiting atomic.Int64
	hashed  atomic.Int64 // how many argon2 runs there were, for tests and metrics
	rand    io.Reader
	dummy   phc
}

// HasherOptions say what hashes cost. The zero value is the one to use outside of tests.
type HasherOptions struct {
	Params Params // DefaultParams unless set
	AtOnce int    // hashes at the same time; unless set half of the processors, and one at least
}

// NewHasher returns a hasher.
func NewHasher(o HasherOptions) *Hasher {
	p := o.Params
	if p == (Params{}) {
		p = DefaultParams
	}
	if o.AtOnce <= 0 {
		o.AtOnce = max(1, runtime.GOMAXPROCS(0)/2)
	}
	return &Hasher{
		params: p,
		slots:  make(chan struct{}, o.AtOnce),
		rand:   rand.Reader,
		// No password has this key; comparing with it costs what comparing with a real one does.
		dummy: phc{Params: p, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)},
	}
}

// Hashed returns how many times argon2 ran.
func (h *Hasher) Hashed() int64 { return h.hashed.Load() }

// Hash returns the hash of password in PHC string form, "$argon2id$v=19$m=…,t=…,p=…$salt$key".
// It waits for a free slot; cifra.TooOften when there is none within 5 s, or when ctx ends before.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return h.hash(password)
}

// hash is [Hasher.Hash] for a caller who holds a slot.
func (h *Hasher) hash(password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(h.rand, salt); err != nil {
		return "", fmt.Errorf("auth: salt: %w", err)
	}
	return phc{Params: h.params, salt: salt, key: h.key(password, h.params, salt)}.String(), nil
}

// compare reports whether password is the one that hash was made of, and whether hash should be made anew
// because the costs have changed. The caller holds a slot. An empty or unreadable hash matches nothing
// and costs the same work as any other.
func (h *Hasher) compare(hash, password string) (match, renew bool) {
	p, err := parsePHC(hash)
	known := err == nil
	if !known {
		p = h.dummy
	}
	same := subtle.ConstantTimeCompare(h.key(password, p.Params, p.salt), p.key) == 1
	return same && known, known && p.Params != h.params
}

func (h *Hasher) key(password string, p Params, salt []byte) []byte {
	h.hashed.Add(1)
	return argon2.IDKey([]byte(normalPassword(password)), salt, p.Passes, p.Memory, p.Threads, keyBytes)
}

// acquire waits for a slot. Whoever gets one must call release.
func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	busy := cifra.E(cifra.TooOften, "error.login.busy").Retry(hashPatience)
	if h.waiting.Add(1) > hashQueue {
		h.waiting.Add(-1)
		return nil, busy
	}
	defer h.waiting.Add(-1)
	ctx, cancel := context.WithTimeout(ctx, hashPatience)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, busy.Wrap(ctx.Err())
	}
}

// normalPassword brings the ways in which systems write one character ("ñ" or "n" and a tilde) to one form,
// as RFC 8265 does: what was set on one machine must open on another.
func normalPassword(s string) string { return norm.NFC.String(s) }

// phc is a parsed hash.
type phc struct {
	Params
	salt, key []byte
}

func (p phc) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.Memory, p.Passes, p.Threads, b64(p.salt), b64(p.key))
}

var errPHC = errors.New("auth: not an argon2id hash")

func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errPHC
	}
	var p phc
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Passes, &p.Threads); err != nil || n != 3 {
		return phc{}, errPHC
	}
	if p.Memory == 0 || p.Memory > maxMemory || p.Passes == 0 || p.Passes > maxPasses || p.Threads == 0 || p.Threads > maxThreads {
		return phc{}, errPHC
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(p.salt) < 8 {
		return phc{}, errPHC
	}
	if p.key, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(p.key) != keyBytes {
		return phc{}, errPHC
	}
	return p, nil
}
