//go:build ristretto

package main

import "github.com/dgraph-io/ristretto/v2"

var _ = add(peer{
	name: "ristretto v2", // it has no loading get
	hit: func(e *env) (func(string), error) {
		r, err := ristretto.NewCache(&ristretto.Config[string, *prediction]{NumCounters: 1e6, MaxCost: 1e5, BufferItems: 64, IgnoreInternalCost: true})
		if err != nil {
			return nil, err
		}
		for _, k := range e.keys {
			r.Set(k, &sample, 1)
			r.Wait()
		}
		return func(k string) { must(second(r.Get(k))) }, nil
	},
})
