//go:build gocache

package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/dgraph-io/ristretto/v2"
	lib "github.com/eko/gocache/lib/v4/cache"
	"github.com/eko/gocache/lib/v4/store"
	redisstore "github.com/eko/gocache/store/redis/v4"
	ristrettostore "github.com/eko/gocache/store/ristretto/v4"
)

var _ = add(peer{
	name: "eko/gocache",
	hit: func(e *env) (func(string), error) {
		r, err := ristretto.NewCache(&ristretto.Config[string, any]{NumCounters: 1e6, MaxCost: 1e9, BufferItems: 64, IgnoreInternalCost: true})
		if err != nil {
			return nil, err
		}
		g := lib.New[*prediction](ristrettostore.NewRistretto(shim{r}))
		for _, k := range e.keys {
			if err := g.Set(e.ctx, k, &sample, store.WithCost(1), store.WithSynchronousSet()); err != nil {
				return nil, err
			}
		}
		return func(k string) { _, err := g.Get(e.ctx, k); must(err == nil) }, nil
	},
	remote: func(e *env) (func(string), error) {
		g := lib.New[string](redisstore.NewRedis(e.rdb))
		for _, k := range e.keys {
			if err := g.Set(e.ctx, "gocache:"+k, string(e.text), store.WithExpiration(time.Hour)); err != nil {
				return nil, err
			}
		}
		return func(k string) {
			s, err := g.Get(e.ctx, "gocache:"+k)
			var v prediction
			must(err == nil && json.Unmarshal([]byte(s), &v) == nil)
		}, nil
	},
	loading: func(e *env) (getter, func(string), error) {
		g := lib.New[string](redisstore.NewRedis(e.rdb))
		get := func(k string, load func() (string, error)) (string, error) { // what its Loadable does, with a loader of the call's
			if v, err := g.Get(e.ctx, k); err == nil {
				return v, nil
			}
			v, err := load()
			if err == nil {
				err = g.Set(e.ctx, k, v, store.WithExpiration(time.Hour))
			}
			return v, err
		}
		return get, func(k string) { _ = g.Delete(context.Background(), k) }, nil
	},
})

// shim makes a ristretto of texts look as the store wants it.
type shim struct{ *ristretto.Cache[string, any] }

func (s shim) Get(k any) (any, bool) { return s.Cache.Get(k.(string)) }
func (s shim) Del(k any)             { s.Cache.Del(k.(string)) }
func (s shim) SetWithTTL(k, v any, cost int64, ttl time.Duration) bool {
	return s.Cache.SetWithTTL(k.(string), v, cost, ttl)
}
