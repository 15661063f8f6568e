package cache

import (
	"errors"
	"fmt"
	"time"
)

// Policy is how one namespace remembers. It is a plain value: an application keeps all of its policies
// together and hands them to whoever makes the memo.
//
//	age   0 ──────── TTL ──────────── +StaleFor ──────────── +StaleIfError ─────▶
//	      fresh: given │ stale: given at │ given only if the     │ gone
//	                   │ once, refreshed │ loader fails, or is    │
//	                   │ behind          │ slow (SoftTimeout)     │
type Policy struct {
	// Namespace names the function whose results are kept: letters, digits, '.', '_', '-'.
	Namespace string

	// Version is raised when values mean something else although their type stays the same.
	// A change of the type is noticed without it.
	Version int

	TTL          time.Duration // how long a value is fresh; the cache's unless given, see [Options]
	StaleFor     time.Duration // then: served at once while one refresh runs (stale-while-revalidate)
	StaleIfError time.Duration // then: served where the loader fails or outlives SoftTimeout (fail-safe)
	NegativeTTL  time.Duration // how long "not found" is kept; 0: it isn't. See [NotFound]
	RetryAfter   time.Duration // after a failed load that a stale value covered, the next try; 1 s unless given

	// Jitter takes up to this share off each value's TTL at random, so that values made together
	// don't expire together: 0.1 keeps between 90 % and 100 %.
	Jitter float64

	// Early is the β of XFetch (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede
	// Prevention, VLDB 2015): a value is refreshed behind before it expires, the sooner the more its
	// loader costs. 1 is the paper's choice; 0 is off.
	Early float64

	SoftTimeout time.Duration // a loader that takes longer is covered by a stale value, where there is one; 0: never
	HardTimeout time.Duration // the loader's context ends and its callers get [ErrTimeout]; 30 s unless given

	// Pure says that a value depends on nothing but its key, as that of 6×7 does: whenever it was made, it is right.
	// A flush of the namespace may then be taken back, see [Cache.Undo].
	Pure bool

	Entries int   // in L1 at most; 10,000 unless given
	Weight  int64 // of L1 at most, by [Weigh], instead of Entries
	Local   bool  // kept in this instance's memory only, never in the back end
}

const (
	defaultEntries     = 10_000
	defaultHardTimeout = 30 * time.Second
	defaultRetryAfter  = time.Second
	// afterlife is how long a value stays in the back end when nobody may have it any more,
	// so that the next miss can say what became of it.
	afterlife = 60 * time.Second
	// tagLife is how long a tag's generation stays unless an entry that carries it needs it longer.
	// One that is gone outdates the entries that carry it, so losing it early is safe.
	tagLife = time.Hour
)

// complete returns p with its defaults, ttl among them, or says what is wrong with it.
func (p Policy) complete(ttl time.Duration) (Policy, error) {
	var errs []error
	if p.TTL == 0 {
		p.TTL = ttl
	}
	if !nameRule.MatchString(p.Namespace) {
		errs = append(errs, errors.New("letters, digits, '.', '_' and '-' only in its name"))
	}
	if p.TTL <= 0 {
		errs = append(errs, errors.New("a TTL above 0 is needed"))
	}
	if min(p.StaleFor, p.StaleIfError, p.NegativeTTL, p.RetryAfter, p.SoftTimeout, p.HardTimeout) < 0 {
		errs = append(errs, errors.New("negative durations"))
	}
	if p.Jitter < 0 || p.Jitter >= 1 || p.Early < 0 {
		errs = append(errs, errors.New("jitter must be in [0, 1), early at least 0"))
	}
	if p.Entries < 0 || p.Weight < 0 {
		errs = append(errs, errors.New("negative limits"))
	}
	if len(errs) > 0 {
		return p, fmt.Errorf("cache: policy %q: %w", p.Namespace, errors.Join(errs...))
	}
	if p.Entries == 0 {
		p.Entries = defaultEntries
	}
	if p.HardTimeout == 0 {
		p.HardTimeout = defaultHardTimeout
	}
	if p.RetryAfter == 0 {
		p.RetryAfter = defaultRetryAfter
	}
	return p, nil
}

// life is how long a value can be of use to anyone.
func (p Policy) life() time.Duration { return max(p.TTL, p.NegativeTTL) + p.StaleFor + p.StaleIfError }
