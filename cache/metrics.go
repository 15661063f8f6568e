package cache

import (
	"github.com/prometheus/client_golang/prometheus"

	"cifra"
)

// Collector returns the cache's statistics for Prometheus, under names that begin with "cifra_cache_".
func (c *Cache) Collector() prometheus.Collector { return collector{c} }

type collector struct{ c *Cache }

var (
	descAsked    = desc("requests_total", "Questions by what became of them.", "namespace", "outcome")
	descCauses   = desc("causes_total", "Answers that were not given fresh from a tier, by the reason.", "namespace", "cause")
	descSaved    = desc("saved_seconds_total", "Loaders' time that remembered answers spared.", "namespace")
	descLoads    = desc("loads_total", "Loaders run, by result.", "namespace", "result")
	descLoadTime = desc("load_seconds_total", "Time spent in loaders.", "namespace")
	descEntries  = desc("entries", "Entries in this instance's memory.", "namespace")
	descEvicted  = desc("evictions_total", "Entries that memory had no room for.", "namespace")
	descUp       = desc("backend_up", "1 while the back end is asked, 0 while it isn't.", "backend")
	descEvents   = desc("events_total", "What happened: flushes, outages, displaced memory and so on.", "kind")
	descPending  = desc("backend_pending", "Invalidations that the back end has not heard of.", "backend")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("cifra_cache_"+name, help, labels, nil)
}

// Describe implements [prometheus.Collector].
func (x collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descAsked, descCauses, descSaved, descLoads, descLoadTime, descEntries, descEvicted, descUp, descEvents, descPending,
	} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (x collector) Collect(ch chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, s := range x.c.Stats() {
		for _, o := range []struct {
			outcome cifra.Outcome
			n       int64
		}{
			{cifra.HitL1, s.HitL1},
			{cifra.HitL2, s.HitL2},
			{cifra.Stale, s.Stale},
			{cifra.Miss, s.Miss},
			{cifra.Coalesced, s.Coalesced},
			{cifra.Bypass, s.Bypass},
		} {
			counter(descAsked, float64(o.n), s.Namespace, string(o.outcome))
		}
		for kind, n := range s.Causes {
			counter(descCauses, float64(n), s.Namespace, string(kind))
		}
		counter(descSaved, s.Saved.Seconds(), s.Namespace)
		counter(descLoads, float64(s.Loads-s.Failures), s.Namespace, "kept")
		counter(descLoads, float64(s.Failures), s.Namespace, "failed")
		counter(descLoadTime, s.LoadTime.Seconds(), s.Namespace)
		gauge(descEntries, float64(s.Entries), s.Namespace)
		counter(descEvicted, float64(s.Evicted), s.Namespace)
	}
	for n, kind := range eventKinds {
		counter(descEvents, float64(x.c.told[n].Load()), string(kind))
	}
	st := x.c.Status()
	up := 1.0
	if st.State == Down {
		up = 0
	}
	gauge(descUp, up, st.Backend)
	gauge(descPending, float64(st.Pending), st.Backend)
}
