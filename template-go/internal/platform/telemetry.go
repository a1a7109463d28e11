package platform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	noopmetric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
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
	tracers  *trace.TracerProvider
	caller   propagation.TextMapPropagator // what is taken from a request's head
	calls    oteltrace.TracerProvider      // for calls to others
	meters   *metric.MeterProvider
	logs     *sdklog.LoggerProvider // nil where no log leaves the process but by stdout
	requests *requestMeter          // nil where requests need spans that somebody looks at
}

// NewTelemetry shows its measurements in metrics. Spans, measurements and log lines leave the process only when OTEL_*
// variables ask for it, each for itself.
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
	exports, err := newExports(ctx)
	if err != nil {
		return nil, fmt.Errorf("make the exporters that the OTEL_* variables ask for: %w", err)
	}
	// Without an exporter nobody looks at spans; but a sampler also decides which flag a trace is passed on with.
	seen := exports.spans != nil || os.Getenv("OTEL_TRACES_SAMPLER") != ""
	measured := []metric.Option{
		metric.WithResource(identity), metric.WithReader(reader),
		// With the labels that views leave out they get longer than Prometheus takes them, and each scrape would say so.
		metric.WithExemplarFilter(exemplar.AlwaysOffFilter),
	}
	if seen {
		measured = append(measured, metric.WithView(views()...))
	}
	if exports.metrics != nil {
		measured = append(measured, metric.WithReader(exports.metrics))
	}
	t := &Telemetry{
		meters: metric.NewMeterProvider(measured...), calls: nooptrace.NewTracerProvider(),
		caller: propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
	}
	if exports.spans == nil {
		t.tracers = trace.NewTracerProvider(trace.WithResource(identity))
	} else {
		t.tracers = trace.NewTracerProvider(trace.WithResource(identity), trace.WithBatcher(exports.spans))
		t.calls = t.tracers // calls need spans of their own only where somebody looks at them
	}
	if !seen {
		if t.requests, err = newRequestMeter(t.meters, t.caller); err != nil {
			return nil, err
		}
	}
	if exports.logs != nil {
		t.logs = sdklog.NewLoggerProvider(sdklog.WithResource(identity),
			sdklog.WithProcessor(sdklog.NewBatchProcessor(exports.logs)))
	}
	return t, nil
}

// Log also sends what a log writes to where the OTEL_* variables say; without them it is the same log.
func (t *Telemetry) Log(log *slog.Logger) *slog.Logger {
	if t.logs == nil {
		return log
	}
	sent := otelslog.NewHandler(ServiceName, otelslog.WithLoggerProvider(t.logs))
	return slog.New(&exportedHandler{Handler: log.Handler(), sent: sent})
}

// views keep the labels of a request's duration, as otelhttp measures it, whose values are few, for a client chooses the
// others, such as server.address; and they leave out the sizes of bodies, which nobody asked for.
func views() []metric.View {
	few := attribute.NewAllowKeysFilter(
		semconv.HTTPRequestMethodKey, semconv.HTTPRouteKey, semconv.HTTPResponseStatusCodeKey)
	return []metric.View{
		metric.NewView(metric.Instrument{Name: "http.server.request.duration"}, metric.Stream{AttributeFilter: few}),
		metric.NewView(metric.Instrument{Name: "http.server.*.body.size"},
			metric.Stream{Aggregation: metric.AggregationDrop{}}),
	}
}

// measured answers a request, and says by which status.
type measured func(w http.ResponseWriter, r *http.Request) (status int)

// Instrument continues the caller's trace, or begins one, and measures the request under its route. Its names are those of
// otelhttp, whichever of the two does it.
func (t *Telemetry) Instrument(next measured) http.Handler {
	if t.requests != nil {
		return t.requests.instrument(next)
	}
	return otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next(w, r) }), "",
		otelhttp.WithTracerProvider(t.tracers),
		otelhttp.WithMeterProvider(t.meters),
		otelhttp.WithPropagators(t.caller))
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
	err := errors.Join(t.tracers.Shutdown(ctx), t.meters.Shutdown(ctx))
	if t.logs != nil {
		err = errors.Join(err, t.logs.Shutdown(ctx))
	}
	return err
}
