//go:build jetcache

package main

import (
	"context"
	"errors"
	"time"

	jetcache "github.com/mgtv-tech/jetcache-go"
	"github.com/mgtv-tech/jetcache-go/local"
	"github.com/mgtv-tech/jetcache-go/remote"
)

var errLost = errors.New("bench: a hit was to be measured")

func jetHit(e *env, c jetcache.Cache) func(string) {
	return func(k string) {
		var v prediction
		must(c.Once(e.ctx, "jet:"+k, jetcache.Value(&v), jetcache.Do(func(context.Context) (any, error) { return nil, errLost })) == nil)
	}
}

func jetFill(e *env, c jetcache.Cache) error {
	for _, k := range e.keys {
		if err := c.Set(e.ctx, "jet:"+k, jetcache.Value(&sample), jetcache.TTL(time.Hour)); err != nil {
			return err
		}
	}
	return nil
}

var _ = add(peer{
	name: "jetcache-go",
	hit: func(e *env) (func(string), error) {
		c := jetcache.New(jetcache.WithName("l1"), jetcache.WithLocal(local.NewTinyLFU(60*100_000, time.Hour)), jetcache.WithStatsDisabled(true))
		return jetHit(e, c), jetFill(e, c)
	},
	remote: func(e *env) (func(string), error) {
		c := jetcache.New(jetcache.WithName("l2"), jetcache.WithRemote(remote.NewGoRedisV9Adapter(e.rdb)), jetcache.WithStatsDisabled(true))
		return jetHit(e, c), jetFill(e, c)
	},
	loading: func(e *env) (getter, func(string), error) {
		c := jetcache.New(jetcache.WithName("both"), jetcache.WithRemote(remote.NewGoRedisV9Adapter(e.rdb)),
			jetcache.WithLocal(local.NewFreeCache(64*local.MB, time.Hour)), jetcache.WithStatsDisabled(true))
		get := func(k string, load func() (string, error)) (v string, err error) {
			err = c.Once(e.ctx, "jet:"+k, jetcache.Value(&v), jetcache.Do(func(context.Context) (any, error) { return load() }))
			return v, err
		}
		return get, func(k string) { _ = c.Delete(e.ctx, "jet:"+k) }, nil
	},
})
