package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts and times requests for Prometheus. A nil one does nothing.
type Metrics struct {
	took    *prometheus.HistogramVec
	running prometheus.Gauge
}

// NewMetrics registers the site's metrics: cifra_http_request_seconds by method, route (never the path, which
// anybody may make up) and status, and cifra_http_requests_running.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cifra_http_request_seconds", Help: "Requests by route and status, and how long their answers took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "cifra_http_requests_running", Help: "Requests that have no whole answer yet, sockets among them.",
		}),
	}
	r.MustRegister(m.took, m.running)
	return m
}

func (m *Metrics) begin() {
	if m != nil {
		m.running.Inc()
	}
}

func (m *Metrics) end(method, route string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.running.Dec()
	if status == 101 {
		return // a socket lives for hours, which says nothing about how fast the site answers
	}
	if route == "" {
		route = "none"
	}
	m.took.WithLabelValues(known(method), route, strconv.Itoa(status)).Observe(took.Seconds())
}

// known keeps a client from making up a label for each request.
func known(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return method
	}
	return "other"
}
