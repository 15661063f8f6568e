package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"cifra"
)

// System tells how this instance and those beside it are doing.
func (a *app) System(ctx context.Context) (*cifra.System, error) {
	b := buildInfo()
	s := &cifra.System{
		Version: b.Version, Revision: b.Revision, Go: b.Go, Platform: b.Platform, Instance: a.cache.Instance(), Started: a.started,
		Database: a.db.Kind(), Cache: a.state.Backend(), Sockets: a.events.Load().Stats().Open, Pools: a.Pools(), Slow: a.slow.list(),
		Settings: a.settings(),
	}
	if since, down := a.state.Down(); down {
		s.CacheDown = since
	}
	var err error
	if s.Routes, err = a.metrics.routes(); err != nil {
		return nil, err
	}
	if s.Instances, err = a.db.Instances(ctx); err != nil {
		return nil, fmt.Errorf("system: %w", err)
	}
	return s, nil
}

// Pools tells how this instance's connections are used: to the database, and to Redis where there is one.
func (a *app) Pools() []cifra.Pool {
	db := a.db.Stats()
	pools := []cifra.Pool{{
		Name: "database", Kind: a.db.Kind(), Kept: db.Kept, Max: db.Max, Open: db.Open, InUse: db.InUse, Overflow: db.Overflow,
		Waits: db.Waits, Waited: db.Waited, Recycle: db.Recycle, Patience: db.Patience, Checked: db.Checked,
	}}
	if a.redis == nil {
		return pools
	}
	r := a.redis.PoolStats()
	return append(pools, cifra.Pool{
		Name: "limits", Kind: "redis", Kept: int(r.IdleConns), Open: int(r.TotalConns), InUse: int(r.TotalConns) - int(r.IdleConns),
		Waits: int64(r.WaitCount), Waited: time.Duration(r.WaitDurationNs),
	})
}

// settings are all of them, as `cifra config` shows them.
func (a *app) settings() []cifra.Setting {
	all := make([]cifra.Setting, 0, len(a.lines))
	for _, l := range a.lines {
		all = append(all, cifra.Setting{Variable: l.Variable, Value: l.Value, From: l.From, Help: l.Help})
	}
	return all
}

// requestSeconds is the histogram of package web.
const requestSeconds = "cifra_http_request_seconds"

// routes returns how long each route's answers took, the busiest first, as the histograms tell: to within a bucket.
func (m *metrics) routes() ([]cifra.RouteTimes, error) {
	families, err := m.Gather()
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	type name struct{ method, route string }
	all := map[name]*buckets{}
	for _, f := range families {
		if f.GetName() != requestSeconds {
			continue
		}
		for _, metric := range f.GetMetric() {
			var n name
			for _, l := range metric.GetLabel() {
				switch l.GetName() {
				case "method":
					n.method = l.GetValue()
				case "route":
					n.route = l.GetValue()
				}
			}
			if all[n] == nil {
				all[n] = &buckets{}
			}
			all[n].total += metric.GetHistogram().GetSampleCount()
			for i, b := range metric.GetHistogram().GetBucket() {
				all[n].add(i, b.GetUpperBound(), b.GetCumulativeCount())
			}
		}
	}
	routes := make([]cifra.RouteTimes, 0, len(all))
	for n, b := range all {
		routes = append(routes, cifra.RouteTimes{
			Method: n.method, Route: n.route, N: int64(b.total), P50: b.quantile(.5), P95: b.quantile(.95), P99: b.quantile(.99), //nolint:gosec // counts of requests
		})
	}
	slices.SortFunc(routes, func(a, b cifra.RouteTimes) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Route, b.Route), cmp.Compare(a.Method, b.Method))
	})
	return routes, nil
}

// buckets are the counts of several histograms with the same bounds, added up.
type buckets struct {
	bounds []float64 // in seconds
	counts []uint64  // up to each bound
	total  uint64
}

func (b *buckets) add(i int, bound float64, count uint64) {
	if i == len(b.bounds) {
		b.bounds, b.counts = append(b.bounds, bound), append(b.counts, 0)
	}
	b.counts[i] += count
}

// quantile returns within which time a share of them ended: in the bucket where it lies, evenly, as Prometheus has it. What
// lies beyond the last bound has that bound.
func (b *buckets) quantile(share float64) time.Duration {
	rank := share * float64(b.total)
	below, from := uint64(0), 0.0
	for i, bound := range b.bounds {
		if float64(b.counts[i]) >= rank && !math.IsInf(bound, 1) {
			in := 1.0
			if n := b.counts[i] - below; n > 0 {
				in = (rank - float64(below)) / float64(n)
			}
			return time.Duration((from + (bound-from)*in) * float64(time.Second))
		}
		below, from = b.counts[i], bound
	}
	return time.Duration(from * float64(time.Second))
}
