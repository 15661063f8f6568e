//go:build sturdyc

package main

import (
	"context"
	"time"

	"github.com/viccon/sturdyc"
)

var _ = add(peer{
	name: "sturdyc",
	hit: func(e *env) (func(string), error) {
		c := sturdyc.New[*prediction](100_000, 16, time.Hour, 10)
		for _, k := range e.keys {
			c.Set(k, &sample)
		}
		return func(k string) {
			_, err := c.GetOrFetch(e.ctx, k, func(context.Context) (*prediction, error) { panic("bench: a hit was to be measured") })
			must(err == nil)
		}, nil
	},
	loading: func(e *env) (getter, func(string), error) {
		c := sturdyc.New[string](100_000, 16, time.Hour, 10)
		get := func(k string, load func() (string, error)) (string, error) {
			return c.GetOrFetch(e.ctx, k, func(context.Context) (string, error) { return load() })
		}
		return get, func(k string) { c.Delete(k) }, nil
	},
})
