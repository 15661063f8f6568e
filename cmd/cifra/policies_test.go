package main

import (
	"testing"
	"time"

	"cifra/cache"
)

// TestPolicies holds every policy to what was decided about it: a change here is a decision, not a slip.
func TestPolicies(t *testing.T) {
	type decided struct {
		ttl, staleIfError time.Duration
		local             bool
	}
	want := map[string]decided{
		"predict":      {ttl: 600 * time.Second}, // the contract's time to live
		"heavy":        {ttl: 10 * time.Minute},
		"burst":        {ttl: time.Minute},
		"people":       {}, // the default time
		"products":     {ttl: 5 * time.Minute},
		"product":      {ttl: 5 * time.Minute},
		"sales":        {}, // the default time
		"universities": {ttl: 30 * time.Second, staleIfError: 24 * time.Hour},
		"http.mystats": {ttl: time.Minute},
		"session":      {ttl: 2 * time.Second, staleIfError: 15 * time.Minute, local: true},
	}
	c, err := cache.New(t.Context(), cache.Options{TTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, p := range policies() {
		w, ok := want[p.Namespace]
		if !ok {
			t.Errorf("%s: nothing was decided about it", p.Namespace)
			continue
		}
		delete(want, p.Namespace)
		if got := (decided{p.TTL, p.StaleIfError, p.Local}); got != w {
			t.Errorf("%s: got %+v, want %+v", p.Namespace, got, w)
		}
		cache.NewMemo[string, int](c, p, nil) // panics where a policy makes no sense
	}
	for name := range want {
		t.Errorf("%s: no such policy", name)
	}
}
