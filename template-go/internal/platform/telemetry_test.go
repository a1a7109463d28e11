package platform

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
)

func TestLogLinesHaveTheSharedNames(t *testing.T) {
	t.Parallel()
	log := &output{}
	logger := log.logger()
	for level, name := range map[slog.Level]string{
		slog.LevelDebug: "debug", slog.LevelInfo: "info", slog.LevelWarn: "warning", slog.LevelError: "error",
	} {
		logger.Log(t.Context(), level, name, slog.Group("g", "level", "kept"))
		line := log.lines(t, name)[0]
		equal(t, "level", line["level"], any(name))
		equal(t, "service", line["service"], any(ServiceName))
		equal(t, "version", line["version"], any("1.2.3"))
		at, err := time.Parse(time.RFC3339, line["timestamp"].(string))
		if err != nil || at.Location() != time.UTC {
			t.Errorf("timestamp %v: %v", line["timestamp"], err)
		}
	}
	logger.WithGroup("h").Info("grouped", "message", "kept")
	if log.lines(t, "grouped")[0]["h"] == nil {
		t.Error("the group is lost")
	}
}

// The tests below set the environment or what is global in OpenTelemetry, so they run alone.

func TestSpansLeaveOnlyWhenAsked(t *testing.T) {
	var received atomic.Int64
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received.Add(1) }))
	defer collector.Close()
	for endpoint, want := range map[string]int64{"": 0, collector.URL: 1} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
		f := newFixture(t, ok)
		f.do(request(t, http.MethodGet, "/things/1", ""))
		if err := f.public.Telemetry.Close(t.Context()); err != nil {
			t.Error(err)
		}
		equal(t, "exports", received.Load(), want)
		received.Store(0)
	}
}

func TestAnExporterThatDoesNotExist(t *testing.T) {
	t.Setenv("OTEL_TRACES_EXPORTER", "pigeon")
	if _, err := NewTelemetry(context.Background(), Build{}, NewMetrics(), silent()); err == nil {
		t.Error("spans go by pigeon")
	}
}

func TestTelemetryComplainsInTheLog(t *testing.T) {
	f := newFixture(t, ok)
	otel.Handle(errors.New("collector is gone"))
	lines := f.log.lines(t, "telemetry")
	if len(lines) != 1 || !strings.Contains(lines[0]["error"].(string), "collector is gone") {
		t.Errorf("the log has %v", lines)
	}
}
