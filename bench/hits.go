package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sys/unix"

	"cifra"
	"cifra/cache"
)

// policy is one with room for all keys.
func policy(name string) cache.Policy {
	return cache.Policy{Namespace: name, TTL: time.Hour, Entries: 100_000}
}

func (e *env) hits() ([]row, error) {
	o := otter.Must(&otter.Options[string, *prediction]{MaximumSize: 100_000})
	c, err := e.open("memory", "")
	if err != nil {
		return nil, err
	}
	load := func(context.Context, string) (*prediction, error) { return &sample, nil }
	plain := cache.NewMemo(c, policy("plain"), load)
	tagged := cache.NewMemo(c, policy("tagged"), load,
		cache.Tags[string, *prediction](func(k string) []string { return []string{"image:" + k, "user:7"} }))
	byValue := cache.NewMemo(c, policy("value"), func(context.Context, string) (prediction, error) { return sample, nil })
	fill := []func(k string) error{ // one after the other, as each would be alone
		func(k string) error { o.Set(k, &sample); return nil },
		func(k string) error { _, _, err := plain.Get(e.ctx, k); return err },
		func(k string) error { _, _, err := tagged.Get(e.ctx, k); return err },
		func(k string) error { _, _, err := byValue.Get(e.ctx, k); return err },
	}
	for _, put := range fill {
		for _, k := range e.keys {
			if err := put(k); err != nil {
				return nil, err
			}
		}
	}
	cs := []contender{
		{name: "otter v2, GetIfPresent", run: func(k string) { must(second(o.GetIfPresent(k))) }},
		{name: "cifra", run: func(k string) { _, i, _ := plain.Get(e.ctx, k); must(i.Outcome == cifra.HitL1) }},
		{name: "cifra, two tags", run: func(k string) { _, i, _ := tagged.Get(e.ctx, k); must(i.Outcome == cifra.HitL1) }},
		{name: "cifra, value of 104 bytes", run: func(k string) { _, i, _ := byValue.Get(e.ctx, k); must(i.Outcome == cifra.HitL1) }},
	}
	for _, p := range peers {
		if p.hit == nil {
			continue
		}
		run, err := p.hit(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		cs = append(cs, contender{name: p.name, run: run})
	}
	return compare(e.keys, unix.CLOCK_THREAD_CPUTIME_ID, 50_000, cs)
}

func (e *env) remoteHits() ([]row, error) {
	const calls, all = 500, rounds * 600 // our reader asks for each once: after that it has it in memory
	names := make([]string, all)
	pipe := e.rdb.Pipeline()
	for i := range names {
		names[i] = "remote:" + strconv.Itoa(i) + ":d41d8cd98f00b204e9800998ecf8427e"
	}
	for _, k := range e.keys {
		pipe.Set(e.ctx, k, e.text, time.Hour)
	}
	if _, err := pipe.Exec(e.ctx); err != nil {
		return nil, err
	}
	cs := []contender{
		{name: "GET and json.Unmarshal", run: func(k string) {
			b, err := e.rdb.Get(e.ctx, k).Bytes()
			var v prediction
			must(err == nil && json.Unmarshal(b, &v) == nil)
		}},
		{name: "MGET of 3 and json.Unmarshal", run: func(k string) {
			list, err := e.rdb.MGet(e.ctx, k, "a", "b").Result()
			must(err == nil)
			s, _ := list[0].(string)
			var v prediction
			must(json.Unmarshal([]byte(s), &v) == nil)
		}},
	}
	writer, err := e.open("writer", e.url)
	if err != nil {
		return nil, err
	}
	reader, err := e.open("reader", e.url)
	if err != nil {
		return nil, err
	}
	load := func(context.Context, string) (prediction, error) { return sample, nil }
	for name, tags := range map[string][]string{"cifra": nil, "cifra, two tags": {"image", "user:7"}} {
		p := policy("remote" + strconv.Itoa(len(tags)))
		var o []cache.Option[string, prediction]
		if tags != nil {
			o = append(o, cache.Tags[string, prediction](func(string) []string { return tags }))
		}
		from, to := cache.NewMemo(writer, p, load, o...), cache.NewMemo(reader, p, load, o...)
		for _, k := range names {
			if _, _, err := from.Get(e.ctx, k); err != nil {
				return nil, err
			}
		}
		next := 0
		cs = append(cs, contender{name: name, run: func(string) {
			_, i, _ := to.Get(e.ctx, names[next%all])
			must(i.Outcome == cifra.HitL2)
			next++
		}})
	}
	for _, p := range peers {
		if p.remote == nil {
			continue
		}
		run, err := p.remote(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		cs = append(cs, contender{name: p.name, run: run})
	}
	return compare(e.keys, unix.CLOCK_PROCESS_CPUTIME_ID, calls, cs)
}

func must(ok bool) {
	if !ok {
		panic("bench: not what was to be measured")
	}
}

func second[T any](_ T, ok bool) bool { return ok }
