//go:build hot

package main

import (
	"time"

	"github.com/samber/hot"
)

var _ = add(peer{
	name: "samber/hot",
	hit: func(e *env) (func(string), error) {
		h := hot.NewHotCache[string, *prediction](hot.LRU, 100_000).WithTTL(time.Hour).Build()
		for _, k := range e.keys {
			h.Set(k, &sample)
		}
		return func(k string) { _, ok, err := h.Get(k); must(ok && err == nil) }, nil
	},
	loading: func(*env) (getter, func(string), error) {
		h := hot.NewHotCache[string, string](hot.LRU, 100_000).WithTTL(time.Hour).Build()
		get := func(k string, load func() (string, error)) (string, error) {
			v, _, err := h.GetWithLoaders(k, func([]string) (map[string]string, error) {
				v, err := load()
				return map[string]string{k: v}, err
			})
			return v, err
		}
		return get, func(k string) { h.Delete(k) }, nil
	},
})
