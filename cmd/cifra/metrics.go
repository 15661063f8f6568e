package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cifra"
	"cifra/store"
)

// metrics is what Prometheus is told of this instance.
type metrics struct {
	*prometheus.Registry
	predictions *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{Registry: prometheus.NewRegistry(), predictions: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cifra_predictions_total", Help: "Answers about uploads by API, version of the model and source.",
	}, []string{"api", "model", "source"})}
	m.MustRegister(m.predictions, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "cifra_build_info", Help: "1, with the version of the program.",
			ConstLabels: prometheus.Labels{"version": buildInfo().Version},
		}, func() float64 { return 1 }))
	return m
}

// handler answers Prometheus.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m, promhttp.HandlerOpts{Registry: m})
}

// predicted counts an answer.
func (m *metrics) predicted(r *cifra.Recognition) {
	m.predictions.WithLabelValues(string(r.API), r.Reading.Model, string(r.Provenance.Source)).Inc()
}

// poolCollector tells how the database's connections are used.
type poolCollector struct{ db *store.DB }

var (
	descPool   = prometheus.NewDesc("cifra_pool_connections", "The database's connections: kept, max, open, in_use.", []string{"state"}, nil)
	descWaits  = prometheus.NewDesc("cifra_pool_waits_total", "Calls that had to wait for a connection.", nil, nil)
	descWaited = prometheus.NewDesc("cifra_pool_waited_seconds_total", "The time that they waited.", nil, nil)
)

// Describe implements [prometheus.Collector].
func (poolCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descPool, descWaits, descWaited} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (p poolCollector) Collect(ch chan<- prometheus.Metric) {
	s := p.db.Stats()
	for state, n := range map[string]int{"kept": s.Kept, "max": s.Max, "open": s.Open, "in_use": s.InUse} {
		ch <- prometheus.MustNewConstMetric(descPool, prometheus.GaugeValue, float64(n), state)
	}
	ch <- prometheus.MustNewConstMetric(descWaits, prometheus.CounterValue, float64(s.Waits))
	ch <- prometheus.MustNewConstMetric(descWaited, prometheus.CounterValue, s.Waited.Seconds())
}

// servingCollector tells which version of each model this instance serves.
type servingCollector struct{ serving func(cifra.API) string }

var descServing = prometheus.NewDesc("cifra_model_serving", "1 for the version that serves an API on this instance.", []string{"api", "model"}, nil)

// Describe implements [prometheus.Collector].
func (servingCollector) Describe(ch chan<- *prometheus.Desc) { ch <- descServing }

// Collect implements [prometheus.Collector].
func (c servingCollector) Collect(ch chan<- prometheus.Metric) {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		if id := c.serving(api); id != "" {
			ch <- prometheus.MustNewConstMetric(descServing, prometheus.GaugeValue, 1, string(api), id)
		}
	}
}
