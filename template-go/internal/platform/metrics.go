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
)

// Metrics holds what GET /metrics shows: the Go runtime, the process, saturation, and what OpenTelemetry measures.
type Metrics struct {
	registry *prometheus.Registry
	shed     *prometheus.CounterVec
}

// NewMetrics makes a registry of its own, so that tests and services in one process do not share numbers.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "app_requests_shed_total", Help: "Requests refused for lack of capacity.",
		}, []string{"reason"}),
	}
	m.registry.MustRegister(m.shed, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, reason := range []string{ShedQueueFull, ShedQueueTimeout, ShedCPUQueueFull} {
		m.shed.WithLabelValues(reason) // an alert needs the zero before the first one
	}
	return m
}

// Gauge shows a number that is read whenever metrics are asked for.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Shed counts a refused request.
func (m *Metrics) Shed(reason string) { m.shed.WithLabelValues(reason).Inc() }

// Handler serves the Prometheus text format, or OpenMetrics to those who ask for it.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}
