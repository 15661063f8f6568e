package lab

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"
	"unicode/utf8"

	"cifra"
	"cifra/cache"
)

// Upstream asks the universities' service. [Client] does.
type Upstream interface {
	// Search returns what the service knows for a query. Its errors are not for people.
	Search(ctx context.Context, query string) ([]cifra.University, error)
}

// Universities is another service, remembered by the ordered query. Where it fails or is slow, an answer past its time
// is given in its place, and says so.
type Universities struct {
	memo     *cache.Memo[string, []cifra.University]
	upstream Upstream
}

// retryUpstream is told to whoever finds the service gone and nothing remembered.
const retryUpstream = 5 * time.Second

// UniversityParams are the parameters that the service is asked with; others are left out.
func UniversityParams() []string { return []string{"country", "name", "limit", "offset"} }

// NewUniversities returns the service.
func NewUniversities(c *cache.Cache, p cache.Policy, upstream Upstream) *Universities {
	u := &Universities{upstream: upstream}
	u.memo = cache.NewMemo(c, p, func(ctx context.Context, query string) ([]cifra.University, error) {
		defer cache.Step(ctx, "upstream")("")
		return u.upstream.Search(ctx, query)
	})
	return u
}

// Search returns the universities that the service knows for some parameters, whatever their order. Invalid where there
// is neither a country nor a name; Unavailable where the service is gone and nothing is remembered.
func (u *Universities) Search(ctx context.Context, params url.Values) (cifra.Answer[[]cifra.University], error) {
	kept := url.Values{}
	for _, name := range UniversityParams() {
		for _, v := range params[name] {
			if !utf8.ValidString(v) {
				return cifra.Answer[[]cifra.University]{}, field(cifra.Invalid, name, "error.lab.utf8")
			}
			if utf8.RuneCountInString(v) > maxName {
				return cifra.Answer[[]cifra.University]{}, field(cifra.Impossible, name, "error.lab.text.long", "Limit", maxName)
			}
			if v != "" {
				kept.Add(name, v)
			}
		}
		if len(kept[name]) > 1 {
			return cifra.Answer[[]cifra.University]{}, field(cifra.Impossible, name, "error.field.value")
		}
	}
	if kept.Get("country") == "" && kept.Get("name") == "" {
		return cifra.Answer[[]cifra.University]{}, field(cifra.Invalid, "country", "error.field.missing")
	}
	list, info, err := u.memo.Get(traced(ctx), kept.Encode()) // in the order of the names
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
			return cifra.Answer[[]cifra.University]{}, err
		}
		return cifra.Answer[[]cifra.University]{}, cifra.E(cifra.Unavailable, "error.lab.upstream").Retry(retryUpstream).
			Wrap(fmt.Errorf("universities: %w", err))
	}
	return answer(list, info, cifra.SourceUpstream), nil
}
