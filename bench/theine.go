//go:build theine

package main

import "github.com/Yiling-J/theine-go"

var _ = add(peer{
	name: "theine", // its loader belongs to the cache, not to the call: it takes no part where each call has its own
	hit: func(e *env) (func(string), error) {
		c, err := theine.NewBuilder[string, *prediction](100_000).Build()
		if err != nil {
			return nil, err
		}
		for _, k := range e.keys {
			c.Set(k, &sample, 1)
		}
		return func(k string) { must(second(c.Get(k))) }, nil
	},
})
