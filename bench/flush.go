package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cifra"
	"cifra/cache"
)

func (e *env) flushes() ([]row, error) {
	const keys = 100_000
	c, err := e.open("flush", e.url)
	if err != nil {
		return nil, err
	}
	m := cache.NewMemo(c, cache.Policy{Namespace: "flush", TTL: time.Hour, Entries: 1000},
		func(_ context.Context, k int) (int, error) { return k, nil })
	if err := e.fill("foreign:", keys); err != nil {
		return nil, err
	}
	if err := e.fill("{bench:flush}:", keys-1000); err != nil { // as many keys; what is in them doesn't matter
		return nil, err
	}
	for k := range 1000 {
		if _, _, err := m.Get(e.ctx, keys+k); err != nil {
			return nil, err
		}
	}
	var times []time.Duration
	for range 50 {
		times = append(times, m.Flush(e.ctx, "bench").Took)
	}
	slices.Sort(times)
	_, i, err := m.Get(e.ctx, keys)
	if err != nil || i.Outcome != cifra.Miss {
		return nil, fmt.Errorf("after the flush: %s, %w", i.Outcome, err)
	}
	rows := []row{
		{"", "median", "best", "foreign keys left"},
		{"cifra, Flush", times[len(times)/2].String(), times[0].String(), e.left()},
	}
	began := time.Now()
	if err := e.unlink("{bench:flush}:*"); err != nil {
		return nil, err
	}
	rows = append(rows, row{"SCAN and UNLINK", time.Since(began).String(), "", e.left()})
	began = time.Now()
	if err := e.rdb.FlushAll(e.ctx).Err(); err != nil {
		return nil, err
	}
	return append(rows, row{"FLUSHALL (eko/gocache, Clear)", time.Since(began).String(), "", e.left()}), nil
}

func (e *env) fill(prefix string, n int) error {
	pipe := e.rdb.Pipeline()
	for i := range n {
		pipe.Set(e.ctx, prefix+strconv.Itoa(i), e.text, time.Hour)
		if i%1000 == 999 || i == n-1 {
			if _, err := pipe.Exec(e.ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *env) left() string {
	n := 0
	it := e.rdb.Scan(e.ctx, 0, "foreign:*", 1000).Iterator()
	for it.Next(e.ctx) {
		n++
	}
	return strconv.Itoa(n)
}

func (e *env) unlink(pattern string) error {
	for cursor := uint64(0); ; {
		keys, next, err := e.rdb.Scan(e.ctx, cursor, pattern, 1000).Result()
		if err != nil {
			return err
		}
		if len(keys) > 0 {
			if err := e.rdb.Unlink(e.ctx, keys...).Err(); err != nil {
				return err
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}
