package main

import (
	"context"

	"github.com/maypok86/otter/v2"
)

// otterPeer is what our memory stands on.
var otterPeer = peer{
	name: "otter v2",
	loading: func(e *env) (getter, func(string), error) {
		o, err := otter.New(&otter.Options[string, string]{MaximumSize: 100_000})
		if err != nil {
			return nil, nil, err
		}
		get := func(k string, load func() (string, error)) (string, error) {
			return o.Get(e.ctx, k, otter.LoaderFunc[string, string](func(context.Context, string) (string, error) { return load() }))
		}
		return get, func(k string) { o.Invalidate(k) }, nil
	},
}
