package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"cifra/cache"
)

// ours returns our cache on Redis as a peer.
func (e *env) ours(name string) (peer, error) {
	c, err := e.open(name, e.url)
	if err != nil {
		return peer{}, err
	}
	m := cache.NewMemo[string, string](c, policy(name), nil)
	return peer{name: "cifra", loading: func(*env) (getter, func(string), error) {
		get := func(k string, load func() (string, error)) (string, error) {
			v, _, err := m.GetWith(e.ctx, k, func(context.Context, string) (string, error) { return load() })
			return v, err
		}
		return get, func(k string) { m.Invalidate(e.ctx, k) }, nil
	}}, nil
}

// loaders returns what can load, ours first.
func (e *env) loaders(name string) ([]peer, error) {
	own, err := e.ours(name)
	if err != nil {
		return nil, err
	}
	list := []peer{own}
	for _, p := range append([]peer{otterPeer}, peers...) {
		if p.loading != nil {
			list = append(list, p)
		}
	}
	return list, nil
}

func (e *env) misses() ([]row, error) {
	list, err := e.loaders("misses")
	if err != nil {
		return nil, err
	}
	var cs []contender
	for _, p := range list {
		get, _, err := p.loading(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		cs = append(cs, contender{name: p.name, run: func(string) {
			_, err := get(e.key(), func() (string, error) { return "value", nil })
			must(err == nil)
		}})
	}
	return compare(e.keys, unix.CLOCK_PROCESS_CPUTIME_ID, 300, cs)
}

func (e *env) stampedes() ([]row, error) {
	list, err := e.loaders("stampedes")
	if err != nil {
		return nil, err
	}
	const callers, times, cost = 1000, 5, 50 * time.Millisecond
	rows := []row{{"", "loads a round", "callers' p50 after the loader", "p99"}}
	for _, p := range list {
		get, _, err := p.loading(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		var loads atomic.Int64
		var waits []time.Duration
		for range times {
			k := e.key()
			var mu sync.Mutex
			var wg, ready sync.WaitGroup
			ready.Add(callers)
			var ended time.Time
			for range callers {
				wg.Go(func() {
					ready.Done()
					ready.Wait()
					_, err := get(k, func() (string, error) {
						loads.Add(1)
						time.Sleep(cost)
						mu.Lock()
						defer mu.Unlock()
						ended = time.Now()
						return "value", nil
					})
					now := time.Now()
					must(err == nil)
					mu.Lock()
					defer mu.Unlock()
					waits = append(waits, now.Sub(ended))
				})
			}
			wg.Wait()
		}
		slices.Sort(waits)
		rows = append(rows, row{
			p.name, strconv.FormatFloat(float64(loads.Load())/times, 'f', 1, 64),
			waits[len(waits)/2].Round(10 * time.Microsecond).String(), waits[len(waits)*99/100].Round(10 * time.Microsecond).String(),
		})
	}
	return rows, nil
}

// races lets a loader read the old value and dawdle while the source changes and the key is invalidated.
func (e *env) races() ([]row, error) {
	list, err := e.loaders("races")
	if err != nil {
		return nil, err
	}
	rows := []row{{"", "the next caller gets", ""}}
	for _, p := range list {
		get, remove, err := p.loading(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		v, blocked, err := race(get, remove, e.key())
		verdict := "the new value"
		if err != nil {
			verdict = "an error: " + err.Error()
		} else if v != "new" {
			verdict = "the OLD value"
		}
		note := ""
		if blocked {
			note = "the invalidation waits for the loader"
		}
		rows = append(rows, row{p.name, verdict, note})
	}
	return rows, nil
}

func race(get getter, remove func(string), k string) (v string, blocked bool, err error) {
	var source atomic.Value
	source.Store("old")
	began, open := make(chan struct{}), make(chan struct{})
	var once sync.Once
	load := func() (string, error) {
		v, ok := source.Load().(string)
		if !ok {
			return "", errors.New("no source")
		}
		once.Do(func() { close(began); <-open })
		return v, nil
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = get(k, load) // it asked before the invalidation: it may have what it likes
	}()
	<-began
	source.Store("new")
	removed := make(chan struct{})
	go func() {
		defer close(removed)
		remove(k)
	}()
	select {
	case <-removed:
	case <-time.After(time.Second):
		blocked = true
	}
	close(open)
	<-removed
	<-done
	time.Sleep(50 * time.Millisecond) // some store behind their callers' backs
	v, err = get(k, load)
	return v, blocked, err
}
