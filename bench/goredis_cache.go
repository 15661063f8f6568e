//go:build goredis_cache

package main

import (
	"time"

	"github.com/go-redis/cache/v9"
)

var _ = add(peer{
	name: "go-redis/cache",
	hit: func(e *env) (func(string), error) {
		c := cache.New(&cache.Options{LocalCache: cache.NewTinyLFU(100_000, time.Hour)})
		for _, k := range e.keys {
			if err := c.Set(&cache.Item{Ctx: e.ctx, Key: k, Value: &sample, TTL: time.Hour}); err != nil {
				return nil, err
			}
		}
		return func(k string) {
			var v prediction
			must(c.Once(&cache.Item{Ctx: e.ctx, Key: k, Value: &v, TTL: time.Hour, Do: lost}) == nil)
		}, nil
	},
	remote: func(e *env) (func(string), error) {
		c := cache.New(&cache.Options{Redis: e.rdb})
		for _, k := range e.keys {
			if err := c.Set(&cache.Item{Ctx: e.ctx, Key: "goredis:" + k, Value: &sample, TTL: time.Hour}); err != nil {
				return nil, err
			}
		}
		return func(k string) {
			var v prediction
			must(c.Once(&cache.Item{Ctx: e.ctx, Key: "goredis:" + k, Value: &v, TTL: time.Hour, Do: lost}) == nil)
		}, nil
	},
	loading: func(e *env) (getter, func(string), error) {
		c := cache.New(&cache.Options{Redis: e.rdb, LocalCache: cache.NewTinyLFU(100_000, time.Hour)})
		get := func(k string, load func() (string, error)) (v string, err error) {
			err = c.Once(&cache.Item{
				Ctx: e.ctx, Key: "goredis:" + k, Value: &v, TTL: time.Hour,
				Do: func(*cache.Item) (any, error) { return load() },
			})
			return v, err
		}
		return get, func(k string) { _ = c.Delete(e.ctx, "goredis:"+k) }, nil
	},
})

func lost(*cache.Item) (any, error) { panic("bench: a hit was to be measured") }
