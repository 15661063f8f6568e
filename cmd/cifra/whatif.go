package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/lab"
	"cifra/lab/line"
)

// whatIf is what a demo has to make trouble with: the way to Redis, and what the cache tells of it. In other modes there is
// neither.
type whatIf struct {
	line *line.Line // nil where there is no Redis that can be cut off
	news cacheNews
}

// through returns the address by which the cache reaches its Redis through a line that can be cut, in demo mode, where that
// is one server without TLS; else the address as it is.
func (a *app) through(ctx context.Context, s *Settings) (string, error) {
	if !s.Demo || !strings.HasPrefix(s.CacheURL, "redis://") || strings.Contains(s.CacheURL, ",") {
		return s.CacheURL, nil
	}
	u, err := url.Parse(s.CacheURL)
	if err != nil {
		return s.CacheURL, nil //nolint:nilerr // the cache says what is wrong with it
	}
	to := u.Host
	if u.Port() == "" {
		to = net.JoinHostPort(u.Hostname(), "6379")
	}
	l, err := line.Open(ctx, to)
	if err != nil {
		return "", err
	}
	a.closers = append(a.closers, l.Close)
	a.trouble.line = l
	u.Host = l.Addr()
	return u.String(), nil
}

// openWhatIf makes what makes trouble, and has it follow what other instances do; nil unless this is a demo.
func (a *app) openWhatIf(s *Settings, client *lab.Client) *lab.WhatIf {
	if !s.Demo {
		return nil
	}
	var way lab.Line // nil, and not a nil *line.Line
	if a.trouble.line != nil {
		way = a.trouble.line
	}
	w := lab.NewWhatIf(way, client, a.db, time.Now)
	a.closers = append(a.closers, w.Close)
	a.events.Load().follower.Subscribe(func(e cifra.Event) {
		var is cifra.WhatIf
		if e.Kind == cifra.EventWhatIf && json.Unmarshal(e.Data, &is) == nil {
			w.Apply(is)
		}
	})
	return w
}

// cacheHealth tells how the cache does.
func (a *app) cacheHealth() cifra.CacheHealth {
	st := a.cache.Status()
	h := cifra.CacheHealth{Backend: st.Backend, State: string(st.State), Since: st.Since, Pending: st.Pending, Hearing: st.Hearing}
	if st.Err != nil {
		h.Err = fmt.Sprint(st.Err)
	}
	return h
}

// cacheNews keeps what the cache told lately.
type cacheNews struct {
	mu   sync.Mutex // guards list
	list []cifra.CacheNews
}

// mostNews is how much of it is kept.
const mostNews = 20

// worthTelling are the events that are news: what happens to the back end, and to loaders.
var worthTelling = []cache.EventKind{
	cache.EventDown, cache.EventUp, cache.EventResynced, cache.EventPending, cache.EventLoadFailed, cache.EventFailSafe,
}

// hear is told by the cache.
func (n *cacheNews) hear(e cache.Event) {
	if !slices.Contains(worthTelling, e.Kind) {
		return
	}
	one := cifra.CacheNews{Kind: string(e.Kind), Namespace: e.Namespace, Why: e.Why, Took: e.Took, At: e.At}
	if e.Err != nil {
		one.Why = e.Err.Error()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, one)
	if len(n.list) > mostNews {
		n.list = n.list[1:]
	}
}

// latest returns what was told, the latest first.
func (n *cacheNews) latest() []cifra.CacheNews {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := slices.Clone(n.list)
	slices.Reverse(list)
	return list
}
