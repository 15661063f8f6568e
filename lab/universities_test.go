package lab

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/lab/upstream"
)

var universitiesPolicy = cache.Policy{
	Namespace: "universities", TTL: 30 * time.Second, StaleIfError: time.Hour, SoftTimeout: 500 * time.Millisecond, HardTimeout: 3 * time.Second,
}

func TestTheOrderOfTheQueryDoesNotMatter(t *testing.T) {
	server := upstream.New()
	at := httptest.NewServer(server)
	t.Cleanup(at.Close)
	client, err := NewClient(at.URL+"/search", true)
	if err != nil {
		t.Fatal(err)
	}
	u := NewUniversities(memory(t), universitiesPolicy, client)
	for i, q := range []string{"country=Germany&name=uni", "name=uni&country=Germany", "name=uni&x=1&country=Germany"} {
		params, err := url.ParseQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		a, err := u.Search(t.Context(), params)
		if err != nil || len(a.Data) == 0 || a.Data[0].Country != "Germany" || a.Provenance.Cached() != (i > 0) {
			t.Errorf("%s: got %+v, %v, want Germany's, remembered from the second on", q, a, err)
		}
	}
	if server.Asked() != 1 {
		t.Errorf("the service was asked %d times, want once", server.Asked())
	}
}

// fake is a service whose behaviour a test sets, with the clock of its bubble.
type fake struct {
	err  error
	slow time.Duration
}

func (f *fake) Search(ctx context.Context, _ string) ([]cifra.University, error) {
	if err := pause(ctx, f.slow); err != nil {
		return nil, err
	}
	return []cifra.University{{Name: "x"}}, f.err
}

func TestStaleWhereTheServiceFailsOrIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := cache.New(t.Context(), cache.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}()
		f := &fake{}
		u := NewUniversities(c, universitiesPolicy, f)
		ask := func() (cifra.Answer[[]cifra.University], time.Duration, error) {
			start := time.Now()
			a, err := u.Search(t.Context(), url.Values{"country": {"x"}})
			return a, time.Since(start), err
		}
		f.err = context.DeadlineExceeded
		if _, _, err := ask(); cifra.CodeOf(err) != cifra.Unavailable {
			t.Errorf("cold, and it fails: got %v, want it unavailable", err)
		}
		f.err = nil
		if a, _, err := ask(); err != nil || a.Provenance.Source != cifra.SourceUpstream {
			t.Errorf("it works: got %+v, %v", a, err)
		}
		time.Sleep(31 * time.Second) //nolint:forbidigo // the bubble's clock
		f.err = context.DeadlineExceeded
		if a, took, err := ask(); err != nil || a.Provenance.Outcome != cifra.Stale || took > 500*time.Millisecond ||
			!strings.HasPrefix(a.Provenance.Reason, "loader failed") {
			t.Errorf("past its time, and it fails: got %+v after %v, %v; want it stale, and why", a.Provenance, took, err)
		}
		time.Sleep(5 * time.Second) //nolint:forbidigo // as above
		f.err, f.slow = nil, 2*time.Second
		if a, took, err := ask(); err != nil || a.Provenance.Outcome != cifra.Stale || took > 500*time.Millisecond {
			t.Errorf("past its time, and it is slow: got %+v after %v, %v; want it stale within 500 ms", a.Provenance, took, err)
		}
		time.Sleep(3 * time.Second) //nolint:forbidigo // as above
	})
}

func TestUniversitiesRefusals(t *testing.T) {
	u := NewUniversities(memory(t), universitiesPolicy, &fake{})
	for _, tt := range []struct {
		query string
		want  cifra.Code
	}{
		{"", cifra.Invalid},
		{"country=", cifra.Invalid},
		{"limit=3", cifra.Invalid},
		{"country=%ff", cifra.Invalid},
		{"country=a&country=b", cifra.Impossible},
		{"name=" + strings.Repeat("x", 101), cifra.Impossible},
		{"name=x", ""},
	} {
		params, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Search(t.Context(), params); cifra.CodeOf(err) != tt.want {
			t.Errorf("%.30q: got %v, want %q", tt.query, err, tt.want)
		}
	}
}
