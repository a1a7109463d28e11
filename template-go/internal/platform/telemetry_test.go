package platform

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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

func TestSignalsLeaveOnlyWhenAsked(t *testing.T) {
	var received sync.Map
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		received.Store(r.URL.Path, true)
	}))
	defer collector.Close()
	for _, c := range []struct{ key, value, want string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "", ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL, "/v1/logs /v1/metrics /v1/traces"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.URL + "/t", "/t"},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", collector.URL + "/m", "/m"},
		{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", collector.URL + "/l", "/l"},
		{"OTEL_LOGS_EXPORTER", "none", ""},
	} {
		t.Run(c.key, func(t *testing.T) {
			t.Setenv(c.key, c.value)
			f := newFixture(t, ok)
			f.public.Telemetry.Log(f.public.Log).With("a", 1).WithGroup("g").Info("sent")
			f.do(request(t, http.MethodGet, "/things/1", ""))
			if err := f.public.Telemetry.Close(t.Context()); err != nil {
				t.Error(err)
			}
			equal(t, "lines", len(f.log.lines(t, "sent")), 1)
			var paths []string
			received.Range(func(path, _ any) bool {
				paths = append(paths, path.(string))
				return true
			})
			received.Clear()
			slices.Sort(paths)
			equal(t, "exports", strings.Join(paths, " "), c.want)
		})
	}
}

func TestWhatIsTooFineForTheLogIsNotSent(t *testing.T) {
	t.Setenv("OTEL_LOGS_EXPORTER", "console")
	var level slog.LevelVar
	log := &output{}
	telemetry, err := NewTelemetry(t.Context(), Build{}, NewMetrics(), silent())
	if err != nil {
		t.Fatal(err)
	}
	both := telemetry.Log(NewLogger(log, &level, "1.2.3"))
	equal(t, "debug", both.Enabled(t.Context(), slog.LevelDebug), false)
	equal(t, "info", both.Enabled(t.Context(), slog.LevelInfo), true)
	if err := telemetry.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnExporterThatDoesNotExist(t *testing.T) {
	for _, signal := range []string{"TRACES", "METRICS", "LOGS"} {
		t.Run(signal, func(t *testing.T) {
			t.Setenv("OTEL_"+signal+"_EXPORTER", "pigeon")
			if _, err := NewTelemetry(t.Context(), Build{}, NewMetrics(), silent()); err == nil {
				t.Error("they go by pigeon")
			}
		})
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
