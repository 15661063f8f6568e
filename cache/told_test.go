package cache_test

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cifra/cache"
	"cifra/cache/cachetest"
)

// heard collects the events of one instance.
type heard struct {
	mu   sync.Mutex
	list []cache.Event // guarded by mu
}

func (h *heard) hear(e cache.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, e)
}

// of returns the last event of a kind, and how many there were.
func (h *heard) of(k cache.EventKind) (last cache.Event, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.list {
		if e.Kind == k {
			last = e
			n++
		}
	}
	return last, n
}

// metrics returns the values of c's collector by "name{label,label}", without the common beginning of their names.
func metrics(t *testing.T, c *cache.Cache) map[string]float64 {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	if err := r.Register(c.Collector()); err != nil {
		t.Fatal(err)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			name := strings.TrimPrefix(f.GetName(), "cifra_cache_") + "{" + strings.Join(labels, ",") + "}"
			got[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return got
}

func TestEventsAndMetrics(t *testing.T) {
	r := cachetest.StartRedis(t)
	var h heard
	c, err := cache.New(t.Context(), cache.Options{URL: r.URL(), Prefix: "p", Instance: "a", OnEvent: h.hear})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	m := cache.NewMemo(c, cache.Policy{Namespace: "x", TTL: time.Hour, Entries: 10, Pure: true},
		func(_ context.Context, k int) (int, error) { return k, nil })
	if got := metrics(t, c); got["backend_up{redis}"] != 1 || got["requests_total{x,miss}"] != 0 {
		t.Errorf("got %v, want a cache that is up and was not asked", got)
	}

	for range 3 {
		get := func() { _, _, _ = m.Get(t.Context(), 1) }
		get()
	}
	m.Invalidate(t.Context(), 1, cache.By("ana"), cache.Because("PUT /x/1"))
	rec := m.Flush(t.Context(), "the rules changed", cache.By("ben"))
	if _, err := c.Undo(t.Context(), "x", rec.Gen, "they did not", cache.By("ben")); err != nil {
		t.Fatal(err)
	}
	c.InvalidateTag(t.Context(), "user:7", "POST /sales", cache.By("eve"))
	c.Flush(t.Context(), "everything", cache.By("zoe"))
	for k := range 300 { // memory for ten: nothing stays long enough to be of use
		_, _, _ = m.Get(t.Context(), k)
	}
	r.Kill()
	for k := range 20 {
		_, _, _ = m.Get(t.Context(), 1000+k)
	}
	for _, tt := range []struct {
		name string
		kind cache.EventKind
		ok   func(cache.Event) bool
		n    int // 0: one at least
	}{
		{"a key", cache.EventInvalidated, func(e cache.Event) bool { return e.By == "ana" && e.Why == "PUT /x/1" && e.Key == "1" }, 1},
		{"a flush of everything, the last of three", cache.EventFlushed, func(e cache.Event) bool { return e.By == "zoe" && e.Namespace == "" }, 3},
		{"a flush that was taken back", cache.EventUndone, func(e cache.Event) bool { return e.By == "ben" && e.Namespace == "x" }, 1},
		{"memory that is too small", cache.EventEvictions, func(e cache.Event) bool { return e.Namespace == "x" && e.Why != "" }, 1},
		{"an outage", cache.EventDown, func(e cache.Event) bool { return e.Err != nil }, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cachetest.Eventually(t, "it is told", func() bool { _, n := h.of(tt.kind); return n > 0 })
			e, n := h.of(tt.kind)
			if !tt.ok(e) || n != tt.n || e.Instance != "a" || e.At.IsZero() {
				t.Errorf("got %d, the last one %+v", n, e)
			}
		})
	}
	got := metrics(t, c)
	if got["backend_up{redis}"] != 0 || got["events_total{down}"] != 1 {
		t.Errorf("got %v, want a back end that is down", got)
	}
	rec = m.Flush(t.Context(), "nobody hears")
	if !rec.Pending || metrics(t, c)["backend_pending{redis}"] != 1 {
		t.Errorf("got %+v, %v, want one invalidation to tell", rec, metrics(t, c))
	}
	r.Start()
	cachetest.Eventually(t, "the outage has ended", func() bool { _, n := h.of(cache.EventUp); return n == 1 })
	if e, _ := h.of(cache.EventUp); e.Took <= 0 {
		t.Errorf("got %+v, want how long it was away", e)
	}
	got = metrics(t, c)
	for name, want := range map[string]float64{
		"backend_up{redis}": 1, "backend_pending{redis}": 0, "events_total{up}": 1, "events_total{evictions}": 1,
		"events_total{flushed}": 4, "events_total{invalidated}": 1, "events_total{undone}": 1, "events_total{pending}": 1,
		"requests_total{x,hit-l1}": 2, "requests_total{x,miss}": 321, "requests_total{x,stale}": 0,
		"causes_total{cold,x}": 300, "causes_total{unreachable,x}": 20, "loads_total{x,kept}": 321, "loads_total{x,failed}": 0,
	} {
		if have, ok := got[name]; !ok || have != want {
			t.Errorf("%s: got %v, want %v", name, have, want)
		}
	}
	if got["entries{x}"] > 10 || got["evictions_total{x}"] < 200 || got["saved_seconds_total{x}"] < 0 || got["load_seconds_total{x}"] < 0 {
		t.Errorf("got %v, want no more than 10 entries and many evictions", got)
	}
	names := map[string]bool{}
	for name := range maps.Keys(got) {
		family, _, _ := strings.Cut(name, "{")
		names[family] = true
	}
	if len(names) != 10 {
		t.Errorf("got the families %v, want ten", names)
	}
}
