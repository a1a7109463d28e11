package platform

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// NewLogger writes one JSON object per line with the field names that all our services share.
func NewLogger(w io.Writer, level slog.Leveler, version string) *slog.Logger {
	handler := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: sharedNames})
	return slog.New(&traceHandler{handler}).With("service", ServiceName, "version", version)
}

func sharedNames(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attr
	}
	switch attr.Key {
	case slog.TimeKey:
		return slog.String("timestamp", attr.Value.Time().UTC().Format(time.RFC3339Nano))
	case slog.MessageKey:
		attr.Key = "message"
	case slog.LevelKey:
		return slog.String("level", levelName(attr.Value.Any()))
	}
	return attr
}

func levelName(level any) string {
	switch level {
	case slog.LevelInfo: // of nearly every line
		return "info"
	case slog.LevelWarn:
		return "warning"
	default:
		return strings.ToLower(fmt.Sprint(level))
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// PanicError makes an error for the log of what recover returned, with the place it came from. It is called in the
// deferred function, while the stack is still there.
func PanicError(recovered any) error { return fmt.Errorf("panic: %v\n%s", recovered, debug.Stack()) }

// traceHandler adds the ids of the request's span, so that a log line can be found from a problem and the other way round.
type traceHandler struct{ slog.Handler }

func (h *traceHandler) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	if err := h.Handler.Handle(ctx, record); err != nil {
		return fmt.Errorf("write a log line: %w", err)
	}
	return nil
}

func (h *traceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &traceHandler{h.Handler.WithAttrs(attrs)}
}

func (h *traceHandler) WithGroup(name string) slog.Handler {
	return &traceHandler{h.Handler.WithGroup(name)}
}
