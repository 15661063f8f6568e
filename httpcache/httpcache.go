// Package httpcache remembers whole HTTP answers: middleware for net/http on a [cache.Cache].
//
// A [Layer] is made once for a route, or for routes that remember alike, and wraps their handler. It answers GET and
// HEAD from the cache, lets one request run the handler for all who ask meanwhile, answers 304 to who has the answer
// already, and hands out variants that were compressed once, when they were stored. Everything else passes through.
//
// What makes it safe is one rule: the handler sees nothing of the request that the [Key] does not name. Query
// parameters and headers that are not listed, cookies, the sign-in and the host are taken away before it runs, so they
// can't find their way into an answer that others get. Requests that carry a sign-in are not answered from the cache at
// all unless the key names the user.
//
// Answers that set cookies, are private (unless the key names the user), forbid storing, vary by something else than the
// key, are errors, or are larger than MaxBody are passed on and never kept.
//
// A page that holds such an answer as a part of it serves the layer with a writer of its own. Where that has a method
// Heard(cifra.Provenance), it is told where the answer came from: the answer itself can't say that, being remembered.
//
// The handler may outlive the request that started it, as every loader may: its context goes on when that client leaves.
// So it must not use what belongs to that request alone, such as a pooled context of a framework.
package httpcache

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"

	"cifra"
	"cifra/cache"
)

// Options says what the answers of a [Layer] depend on. The zero value is for a public route that has no parameters.
type Options struct {
	// Params are the query parameters that matter. All others are left out of the key, and the handler does not see
	// them: ?utm_source=… is no second answer, and nobody fills the cache with ?x=1, ?x=2 and so on.
	Params []string

	// Vary are the request headers that matter, such as "Accept". The handler sees no others.
	Vary []string
	// Normal maps the value of a header of Vary to what matters of it, so that the hundred ways to write an Accept
	// header become "text/html" and "application/json". The handler sees what it returns. Nil: the value as it is.
	Normal func(header, value string) string

	// Key completes the key with what the request's context knows: the user, the language, or a path with less detail.
	// It returns false for a request that the cache must stay out of. Nil: path, query and Vary alone.
	Key func(*http.Request, *Key) bool
	// Signed reports whether a request carries a sign-in, so that it may only be answered under a key that names the
	// user. Nil: it has an Authorization header, or any cookie.
	Signed func(*http.Request) bool
	// Tags ties the answers to tags, see [cache.Tags].
	Tags func(Key) []string

	Origin  cifra.Source             // where the handler gets its answers, for who shows it; a computation unless given
	MaxBody int                      // the largest body that is kept, in bytes; 1 MiB unless given
	Full    func(*http.Request) bool // who may see keys and each step in the headers; nil: nobody
	// Failed answers where the handler gave no answer: it outlived the policy's hard timeout. Nil: 503.
	Failed func(http.ResponseWriter, *http.Request, error)
}

// Layer remembers the answers of one handler, or of handlers that share a policy. Make it with [New].
type Layer struct {
	o    Options
	memo *cache.Memo[Key, *answer]
}

const defaultMaxBody = 1 << 20

// New returns a layer that keeps answers in c by the policy p. It panics as [cache.NewMemo] does. A policy with a Weight
// counts bytes.
func New(c *cache.Cache, p cache.Policy, o Options) *Layer {
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Origin == "" {
		o.Origin = cifra.SourceComputation
	}
	if o.Signed == nil {
		o.Signed = signed
	}
	if o.Failed == nil {
		o.Failed = unavailable
	}
	options := []cache.Option[Key, *answer]{
		cache.Final[Key, *answer](isFinal),
		cache.Weigh(func(_ Key, a *answer) uint32 { return a.weight() }),
	}
	if o.Tags != nil {
		options = append(options, cache.Tags[Key, *answer](o.Tags))
	}
	return &Layer{o: o, memo: cache.NewMemo[Key, *answer](c, p, nil, options...)}
}

// Wrap returns next, behind the layer.
func (l *Layer) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.Serve(w, r, next) })
}

// Invalidate removes the answer under k, on every instance.
func (l *Layer) Invalidate(ctx context.Context, k Key, hows ...cache.How) cache.Receipt {
	return l.memo.Invalidate(ctx, k, hows...)
}

// Flush removes all answers of the layer, on every instance.
func (l *Layer) Flush(ctx context.Context, why string, hows ...cache.How) cache.Receipt {
	return l.memo.Flush(ctx, why, hows...)
}

// Serve answers r from the cache, or by next.
func (l *Layer) Serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.Header.Get("Upgrade") != "" {
		next.ServeHTTP(w, r)
		return
	}
	k, skip := l.keyOf(r)
	if skip != "" {
		l.pass(w, r, next, skip)
		return
	}
	ctx := r.Context()
	full := l.o.Full != nil && l.o.Full(r)
	if full {
		ctx = cache.WithTrace(ctx)
	}
	in := l.inner(r, k)
	a, info, err := l.memo.GetWith(ctx, k, func(ctx context.Context, k Key) (*answer, error) {
		return l.run(in.WithContext(ctx), k, next)
	})
	no, refused := errors.AsType[*refusal](err)
	p, panicked := errors.AsType[*panicking](err)
	switch {
	case err == nil:
		l.give(w, r, k, a, info, full)
	case refused && (no.public || info.Outcome == cifra.Miss || info.Outcome == cifra.Bypass):
		headersOf(w, cifra.Provenance{Outcome: cifra.Bypass, Reason: no.why}, full)
		no.a.copyTo(w, r.Method)
	case refused: // it was made for somebody else
		l.pass(w, r, next, no.why)
	case panicked:
		panic(p.value)
	default:
		l.o.Failed(w, r, err)
	}
}

// pass lets next answer r itself.
func (l *Layer) pass(w http.ResponseWriter, r *http.Request, next http.Handler, why string) {
	headersOf(w, cifra.Provenance{Outcome: cifra.Bypass, Reason: why}, false)
	next.ServeHTTP(w, r)
}

// run has next answer in, and keeps what it says.
func (l *Layer) run(in *http.Request, k Key, next http.Handler) (a *answer, err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			err = &panicking{p}
		default: // it goes on in the goroutines of those who wait; only here is known where it came from
			err = &panicking{fmt.Sprintf("%v\n\nin the handler:\n%s", p, debug.Stack())}
		}
	}()
	rec := &recorder{header: http.Header{}}
	next.ServeHTTP(rec, in)
	a = rec.answer()
	if no := l.refuse(a, k); no != nil {
		return nil, no
	}
	a.prepare()
	return a, nil
}

// panicking carries a handler's panic to those who wait for its answer.
type panicking struct{ value any }

func (p *panicking) Error() string {
	return fmt.Sprintf("httpcache: the handler panicked: %v", p.value)
}

// unavailable is what clients get where a handler gave no answer.
func unavailable(w http.ResponseWriter, _ *http.Request, _ error) {
	w.Header().Set("Retry-After", strconv.Itoa(1))
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}
