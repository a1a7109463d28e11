package platform

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
)

// exports are the ways out of the process that the OTEL_* variables ask for; protocol, address and the rest are theirs, too.
type exports struct {
	spans   trace.SpanExporter // nil for none, as the others
	metrics metric.Reader
	logs    log.Exporter
}

func newExports(ctx context.Context) (found exports, err error) {
	if exportRequested("TRACES") {
		if found.spans, err = autoexport.NewSpanExporter(ctx); err != nil {
			return found, fmt.Errorf("traces: %w", err)
		}
	}
	if exportRequested("METRICS") {
		if found.metrics, err = autoexport.NewMetricReader(ctx); err != nil {
			return found, fmt.Errorf("metrics: %w", err)
		}
	}
	if exportRequested("LOGS") {
		if found.logs, err = autoexport.NewLogExporter(ctx); err != nil {
			return found, fmt.Errorf("logs: %w", err)
		}
	}
	return found, nil
}

// exportRequested is needed because OpenTelemetry's own default is to send to localhost.
func exportRequested(signal string) bool {
	if exporter := os.Getenv("OTEL_" + signal + "_EXPORTER"); exporter != "" {
		return exporter != "none"
	}
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") != ""
}

// exportedHandler writes to a log as ever, and sends the same lines elsewhere.
type exportedHandler struct {
	slog.Handler

	sent slog.Handler
}

func (h *exportedHandler) Handle(ctx context.Context, record slog.Record) error {
	if err := h.sent.Handle(ctx, record.Clone()); err != nil {
		return fmt.Errorf("send a log line: %w", err)
	}
	if err := h.Handler.Handle(ctx, record); err != nil {
		return fmt.Errorf("write a log line: %w", err)
	}
	return nil
}

func (h *exportedHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &exportedHandler{Handler: h.Handler.WithAttrs(attrs), sent: h.sent.WithAttrs(attrs)}
}

func (h *exportedHandler) WithGroup(name string) slog.Handler {
	return &exportedHandler{Handler: h.Handler.WithGroup(name), sent: h.sent.WithGroup(name)}
}
