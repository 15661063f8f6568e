package web

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"
	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/goredisstore.v9"
	"github.com/throttled/throttled/v2/store/memstore"

	"cifra"
	"cifra/handlers"
)

// quota is one limit: so many calls in a window, all of them at once if one likes, refilled evenly (GCRA). So within a
// window twice the number less one can get through: 199 on a day of 100.
type quota struct {
	name   string
	calls  int
	window time.Duration
}

// refusal says the limit to who is past it.
func (q quota) refusal() *cifra.Error {
	if q.window < time.Hour {
		return cifra.E(cifra.TooOften, "error.limit.minute", "Limit", q.calls)
	}
	return cifra.E(cifra.TooOften, "error.limit", "Limit", q.calls, "Window", strconv.Itoa(int(q.window.Hours())))
}

// limitClass names the limits that a call falls under.
type limitClass string

// The classes. Pages, fragments, assets, sockets and the live guess are wide: a class of people shares one address.
const (
	limitV1   limitClass = "v1"
	limitV2   limitClass = "v2"
	limitRest limitClass = "rest"
	limitWide limitClass = "wide"
)

var quotas = map[limitClass][]quota{
	limitV1:   {{"v1", 100, 24 * time.Hour}},
	limitV2:   {{"v2", 150, 24 * time.Hour}},
	limitRest: {{"hour", 50, time.Hour}, {"day", 200, 24 * time.Hour}},
	limitWide: {{"wide", 6000, time.Minute}},
}

const (
	// limitPrefix begins the names of the limits' entries in Redis. No flush of the cache reaches them.
	limitPrefix = "cifra:limit:"
	// limitKeys is how many users and addresses an instance counts for itself; past that it forgets who came longest ago.
	limitKeys     = 100_000
	limitPatience = 200 * time.Millisecond // for one answer of Redis
	limitPause    = time.Second            // without asking Redis, after it did not answer
)

// Limits refuse who asks too often: a user, or an address where nobody is signed in. All instances count together in
// Redis; each also counts for itself, and goes by that while Redis does not answer, so that an outage is no holiday.
type Limits struct {
	log    *slog.Logger
	now    func() time.Time
	local  map[string]*throttled.GCRARateLimiterCtx // by quota
	shared map[string]*throttled.GCRARateLimiterCtx // nil without Redis
	since  time.Time
	pause  atomic.Int64 // until when Redis is not asked, as time since the origin
}

// NewLimits returns limits that count in client, which is nil where there is no Redis, and in memory. The client's timeouts
// must be short.
func NewLimits(client redis.UniversalClient, now func() time.Time, log *slog.Logger) (*Limits, error) {
	if client == nil {
		return newLimits(nil, now, log)
	}
	store, err := goredisstore.NewCtx(client, limitPrefix)
	if err != nil {
		return nil, fmt.Errorf("limits: %w", err)
	}
	return newLimits(store, now, log)
}

// newLimits is [NewLimits] on any store that instances share, nil for none.
func newLimits(shared throttled.GCRAStoreCtx, now func() time.Time, log *slog.Logger) (*Limits, error) {
	l := &Limits{log: log, now: now, since: now(), local: map[string]*throttled.GCRARateLimiterCtx{}}
	memory, err := memstore.New(limitKeys)
	if err != nil {
		return nil, fmt.Errorf("limits: %w", err)
	}
	memory.SetTimeNow(now)
	if err := limiters(l.local, throttled.WrapStoreWithContext(memory)); err != nil {
		return nil, err
	}
	if shared == nil {
		return l, nil
	}
	l.shared = map[string]*throttled.GCRARateLimiterCtx{}
	return l, limiters(l.shared, shared)
}

// limiters makes a limiter for each quota on a store.
func limiters(into map[string]*throttled.GCRARateLimiterCtx, store throttled.GCRAStoreCtx) error {
	for _, class := range quotas {
		for _, q := range class {
			rate := throttled.RateQuota{MaxRate: throttled.PerDuration(q.calls, q.window), MaxBurst: q.calls - 1}
			limiter, err := throttled.NewGCRARateLimiterCtx(store, rate)
			if err != nil {
				return fmt.Errorf("limits: %w", err)
			}
			limiter.SetMaxCASAttemptsLimit(100)
			into[q.name] = limiter
		}
	}
	return nil
}

// take counts a call of who, and reports whether it is one too many.
func (l *Limits) take(ctx context.Context, q quota, who string) (limited bool, r throttled.RateLimitResult, err error) {
	key := q.name + ":" + who
	limited, r, err = l.local[q.name].RateLimitCtx(ctx, key, 1)
	if err != nil {
		return false, r, fmt.Errorf("limits: %w", err)
	}
	if l.shared == nil || int64(l.now().Sub(l.since)) < l.pause.Load() {
		return limited, r, nil
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), limitPatience)
	defer cancel()
	sharedLimited, shared, err := l.shared[q.name].RateLimitCtx(asking, key, 1)
	if err != nil {
		l.pause.Store(int64(l.now().Sub(l.since) + limitPause))
		l.log.WarnContext(ctx, "rate limits: counting in memory alone", "err", err)
		return limited, r, nil
	}
	return sharedLimited, shared, nil
}

// limit refuses who asks too often, and tells everybody what is left (the header fields RateLimit and
// RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers). Without limits it lets all pass.
func (s *server) limit(next echo.HandlerFunc) echo.HandlerFunc {
	if s.Limits == nil {
		return next
	}
	return func(c echo.Context) error {
		a := cifra.ActorFrom(c.Request().Context())
		who := "address:" + a.IP
		if a.User != nil {
			who = "user:" + strconv.FormatInt(a.UserID(), 10)
		}
		class := s.classOf(c)
		var policies, states []string
		for _, q := range quotas[class] {
			limited, r, err := s.Limits.take(c.Request().Context(), q, who)
			if err != nil {
				return err
			}
			policies = append(policies, fmt.Sprintf("%q;q=%d;w=%d", q.name, q.calls, int(q.window.Seconds())))
			states = append(states, fmt.Sprintf("%q;r=%d;t=%d", q.name, r.Remaining, seconds(r.ResetAfter)))
			if class != limitWide || limited {
				h := c.Response().Header()
				h.Set("RateLimit-Policy", strings.Join(policies, ", "))
				h.Set("RateLimit", strings.Join(states, ", "))
			}
			if limited {
				return q.refusal().Retry(max(time.Second, r.RetryAfter))
			}
		}
		return next(c)
	}
}

// classOf returns the class of a call: what the document names is for programs, unless a page or its script asks for it.
func (s *server) classOf(c echo.Context) limitClass {
	switch {
	case strings.EqualFold(c.Request().Header.Get(echo.HeaderUpgrade), "websocket"):
		return limitWide
	case c.Path() == "/api/v1/predict":
		return limitV1
	case c.Path() == "/api/v2/predict":
		return limitV2
	case strings.HasPrefix(c.Path(), "/api/"): // whatever kind of answer is asked for: no page asks there
		return limitRest
	case handlers.WantsHTML(c), c.Path() == "/docs/":
		return limitWide
	case s.api.call(c) != nil:
		return limitRest
	}
	return limitWide
}

// seconds rounds up.
func seconds(d time.Duration) int { return max(0, int(math.Ceil(d.Seconds()))) }
