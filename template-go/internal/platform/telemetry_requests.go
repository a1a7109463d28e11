package platform

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// requestMeter does for a request what otelhttp does where no span leaves the process, for less of the processor's time:
// it continues the caller's trace or begins one, so that log, problems and calls name it, and it measures the duration. The
// attributes of a span, that nobody is going to see, are what otelhttp takes its time for.
type requestMeter struct {
	propagator propagation.TextMapPropagator
	duration   metric.Float64Histogram

	mu     sync.RWMutex
	series map[requestSeries][]metric.RecordOption
}

// requestSeries tells the durations of requests apart. There are few: routes are those of the contract.
type requestSeries struct {
	method, pattern string
	status          int
}

func newRequestMeter(provider metric.MeterProvider, caller propagation.TextMapPropagator) (*requestMeter, error) {
	meter := provider.Meter(otelhttp.ScopeName, metric.WithInstrumentationVersion(otelhttp.Version))
	duration, err := httpconv.NewServerRequestDuration(meter, metric.WithExplicitBucketBoundaries(
		[]float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}...)) // those of otelhttp
	if err != nil {
		return nil, fmt.Errorf("make the measure of requests: %w", err)
	}
	return &requestMeter{
		propagator: caller, duration: duration.Inst(), series: make(map[requestSeries][]metric.RecordOption),
	}, nil
}

func (m *requestMeter) instrument(next measured) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		ctx := m.propagator.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx = oteltrace.ContextWithSpanContext(ctx, spanUnder(oteltrace.SpanContextFromContext(ctx)))
		status := next(w, r.WithContext(ctx))
		m.duration.Record(ctx, time.Since(begun).Seconds(), m.labels(r, status)...)
	})
}

// spanUnder is what the SDK makes of a parent, or of none: sampled as the parent is, and otherwise always.
func spanUnder(parent oteltrace.SpanContext) oteltrace.SpanContext {
	span := oteltrace.SpanContextConfig{
		TraceID: parent.TraceID(), TraceFlags: parent.TraceFlags(), TraceState: parent.TraceState(),
	}
	for !span.TraceID.IsValid() {
		_, _ = rand.Read(span.TraceID[:]) // it never fails
		span.TraceFlags = oteltrace.FlagsSampled
	}
	for !span.SpanID.IsValid() {
		_, _ = rand.Read(span.SpanID[:])
	}
	return oteltrace.NewSpanContext(span)
}

// labels are made once for each series.
func (m *requestMeter) labels(r *http.Request, status int) []metric.RecordOption {
	key := requestSeries{knownMethod(r.Method), r.Pattern, status}
	m.mu.RLock()
	labels, found := m.series[key]
	m.mu.RUnlock()
	if found {
		return labels
	}
	attributes := []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(key.method), semconv.HTTPResponseStatusCode(status),
	}
	if route := routeOf(r); route != "" {
		attributes = append(attributes, semconv.HTTPRoute(route))
	}
	labels = []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attributes...))}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.series[key] = labels
	return labels
}

// knownMethod keeps the label's values few, since a client may send any word.
func knownMethod(method string) string {
	switch method = strings.ToUpper(method); method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	default:
		return "_OTHER"
	}
}
