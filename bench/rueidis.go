//go:build rueidis

package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

func rueidisClient(e *env) (rueidis.Client, error) {
	address, _, _ := strings.Cut(strings.TrimPrefix(e.url, "redis://"), "/")
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{address}})
	if err == nil {
		e.ends = append(e.ends, c.Close)
	}
	return c, err
}

// rueidis is what rueidisaside stands on: its hit in memory is rueidisaside's.
var _ = add(peer{
	name: "rueidis",
	hit: func(e *env) (func(string), error) {
		c, err := rueidisClient(e)
		if err != nil {
			return nil, err
		}
		read := func(k string) error {
			b, err := c.DoCache(e.ctx, c.B().Get().Key("rueidis:"+k).Cache(), time.Hour).AsBytes()
			var v prediction
			if err == nil {
				err = json.Unmarshal(b, &v)
			}
			return err
		}
		for _, k := range e.keys {
			if err := e.rdb.Set(e.ctx, "rueidis:"+k, e.text, time.Hour).Err(); err != nil {
				return nil, err
			}
			if err := read(k); err != nil {
				return nil, err
			}
		}
		return func(k string) { must(read(k) == nil) }, nil
	},
	remote: func(e *env) (func(string), error) {
		c, err := rueidisClient(e)
		if err != nil {
			return nil, err
		}
		return func(k string) {
			b, err := c.Do(e.ctx, c.B().Get().Key(k).Build()).AsBytes()
			var v prediction
			must(err == nil && json.Unmarshal(b, &v) == nil)
		}, nil
	},
})
