// Package lab is the cache lab: things that are slow in ways a room understands (a computation, records of the
// database, another service), each remembered by package cache, so that one can watch what remembering does.
//
// Every answer is a [cifra.Answer]: the data, and where it came from. What only reads needs nobody's permission; who
// may change or flush what is decided by the handlers' callers.
package lab

import (
	"context"

	"cifra"
	"cifra/cache"
)

// answer joins what a memo gave with where it came from.
func answer[V any](v V, info cache.Info, origin cifra.Source) cifra.Answer[V] {
	return cifra.Answer[V]{Data: v, Provenance: info.Provenance(origin), Form: info.Form()}
}

// traced asks for the waterfall, unless the caller has begun one: the lab shows every step.
func traced(ctx context.Context) context.Context { return cache.WithTrace(ctx) }
