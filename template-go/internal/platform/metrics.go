package platform

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Reasons for shedding a request, the values of the label of app_requests_shed_total.
const (
	ShedQueueFull    = "queue_full"
	ShedQueueTimeout = "queue_timeout"
	ShedCPUQueueFull = "cpu_queue_full"
	ShedRateLimited  = "rate_limited"
)

// Metrics holds what GET /metrics shows: the Go runtime, the process, saturation, and what OpenTelemetry measures.
type Metrics struct {
	registry *prometheus.Registry
	shed     *prometheus.CounterVec
}

// NewMetrics makes a registry of its own, so that tests and services in one process do not share numbers.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.shed = m.counters("app_requests_shed_total", "Requests refused for lack of capacity or quota.", "reason")
	m.registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, reason := range []string{ShedQueueFull, ShedQueueTimeout, ShedCPUQueueFull, ShedRateLimited} {
		m.shed.WithLabelValues(reason) // an alert needs the zero before the first one
	}
	return m
}

// Gauge shows a number that is read whenever metrics are asked for.
func (m *Metrics) Gauge(name, help string, read func() float64) { m.gauge(name, help, nil, read) }

// Shed counts a refused request.
func (m *Metrics) Shed(reason string) { m.shed.WithLabelValues(reason).Inc() }

// Handler serves the Prometheus text format, or OpenMetrics to those who ask for it.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// gauge is one of several by that name, told apart by their labels.
func (m *Metrics) gauge(name, help string, labels prometheus.Labels, read func() float64) {
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, read))
}

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	counters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(counters)
	return counters
}
