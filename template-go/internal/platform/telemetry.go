package platform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	noopmetric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	oteltrace "go.opentelemetry.io/otel/trace"
	nooptrace "go.opentelemetry.io/otel/trace/noop"
)

// Build says which build this is; the linker fills it in (see the Makefile).
type Build struct {
	Version string
	Commit  string
	BuiltAt string
}

// Telemetry traces and measures requests with OpenTelemetry.
type Telemetry struct {
	tracers *trace.TracerProvider
	calls   oteltrace.TracerProvider // for calls to others
	meters  *metric.MeterProvider
}

// NewTelemetry shows its measurements in metrics. Spans leave the process only when OTEL_* variables ask for it.
func NewTelemetry(ctx context.Context, build Build, metrics *Metrics, log *slog.Logger) (*Telemetry, error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("telemetry", "error", err.Error()) }))
	otel.SetLogger(logr.FromSlogHandler(log.Handler()))
	identity, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		semconv.ServiceName(ServiceName), semconv.ServiceVersion(build.Version), semconv.VCSRefHeadRevision(build.Commit)),
		resource.WithFromEnv()) // last, since the standard lets OTEL_SERVICE_NAME win
	if err != nil {
		return nil, fmt.Errorf("describe the service to OpenTelemetry: %w", err)
	}
	reader, err := otelprometheus.New(otelprometheus.WithRegisterer(metrics.registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, fmt.Errorf("show OpenTelemetry's metrics to Prometheus: %w", err)
	}
	t := &Telemetry{
		meters: metric.NewMeterProvider(metric.WithResource(identity), metric.WithReader(reader),
			metric.WithView(views()...)),
		calls: nooptrace.NewTracerProvider(),
	}
	options := []trace.TracerProviderOption{trace.WithResource(identity)}
	if exportRequested() {
		exporter, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return nil, fmt.Errorf("make the exporter that the OTEL_* variables ask for: %w", err)
		}
		options = append(options, trace.WithBatcher(exporter))
	}
	t.tracers = trace.NewTracerProvider(options...)
	if len(options) > 1 { // calls need spans of their own only where somebody looks at them
		t.calls = t.tracers
	}
	return t, nil
}

// exportRequested is needed because OpenTelemetry's own default is to send to localhost.
func exportRequested() bool {
	for _, key := range []string{
		"OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
	} {
		if os.Getenv(key) != "" {
			return true
		}
	}
	return false
}

// views keep the labels of a request's duration whose values are few, for a client chooses the others, such as
// server.address; and they leave out the sizes of bodies, which nobody asked for.
func views() []metric.View {
	few := attribute.NewAllowKeysFilter(
		semconv.HTTPRequestMethodKey, semconv.HTTPRouteKey, semconv.HTTPResponseStatusCodeKey)
	return []metric.View{
		metric.NewView(metric.Instrument{Name: "http.server.request.duration"}, metric.Stream{AttributeFilter: few}),
		metric.NewView(metric.Instrument{Name: "http.server.*.body.size"},
			metric.Stream{Aggregation: metric.AggregationDrop{}}),
	}
}

// Instrument continues the caller's trace, or begins one, and measures the request under its route.
func (t *Telemetry) Instrument(next http.Handler) http.Handler {
	return otelhttp.NewHandler(next, "",
		otelhttp.WithTracerProvider(t.tracers),
		otelhttp.WithMeterProvider(t.meters),
		otelhttp.WithPropagators(
			propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})))
}

// InstrumentClient passes the trace on, and nothing else that a client of ours may have sent along. Calls are measured by
// their dependency, not by the address that OpenTelemetry would take.
func (t *Telemetry) InstrumentClient(next http.RoundTripper) http.RoundTripper {
	return otelhttp.NewTransport(next,
		otelhttp.WithTracerProvider(t.calls),
		otelhttp.WithMeterProvider(noopmetric.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.TraceContext{}))
}

// Close sends what has not been sent yet, until ctx ends.
func (t *Telemetry) Close(ctx context.Context) error {
	return errors.Join(t.tracers.Shutdown(ctx), t.meters.Shutdown(ctx))
}
