"""OpenTelemetry: the traces, metrics and logs of this process."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from fastapi.telemetry import TelemetryConfig
from opentelemetry import metrics, trace
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder

from .about import SERVICE, VERSION
from .otlp import ExportedLogs, exporters
from .unrecorded import UnrecordedTracerProvider

FLUSH_SECONDS: Final = 2.0

# The framework records more attributes; each would multiply the series of the histogram.
_DURATION = View(
    instrument_name="http.server.request.duration",
    attribute_keys={"http.request.method", "http.route", "http.response.status_code"},
)


class Telemetry:
    """The traces and metrics of one process."""

    def __init__(self) -> None:
        """Collect; export only where the standard OTEL_* variables ask for it."""
        resource = Resource.create({"service.name": SERVICE, "service.version": VERSION})
        resource = resource.merge(OTELResourceDetector().detect())  # OTEL_SERVICE_NAME and its like win
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        readers: list[MetricReader] = [PrometheusMetricReader(scope_info_enabled=False, registry=self._registry)]
        readers += [PeriodicExportingMetricReader(exporter) for exporter in exporters("metrics")]
        self._meters = MeterProvider(readers, resource, shutdown_on_exit=False, views=[_DURATION])
        self._recording = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._tracers: trace.TracerProvider = UnrecordedTracerProvider(self._recording)
        for exporter in exporters("traces"):
            self._recording.add_span_processor(BatchSpanProcessor(exporter))
            self._tracers = self._recording
        self._logs = ExportedLogs(resource)
        self._meter = self._meters.get_meter(SERVICE)

    def make_global(self) -> None:
        """Hand these providers to whoever asks OpenTelemetry for one; a process can do so once."""
        trace.set_tracer_provider(self._tracers)
        metrics.set_meter_provider(self._meters)

    def of_framework(self) -> TelemetryConfig:
        """Return what makes FastAPI record a span and a duration of each request here, after the HTTP conventions."""
        return {
            "tracer_provider": self._tracers,
            "meter_provider": self._meters,
            "logs": False,
            "operation_spans": False,
        }

    @property
    def tracer(self) -> trace.Tracer:
        """What records the spans of this service's own work."""
        return self._tracers.get_tracer(SERVICE)

    def gauge(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Offer a value that is read when somebody collects."""
        self._observe(name, description, lambda: [Observation(read())])

    def gauges(self, name: str, description: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        """Offer a value for each value of `label`."""
        self._observe(name, description, lambda: [Observation(value, {label: of}) for of, value in read().items()])

    def _observe(self, name: str, description: str, read: Callable[[], Iterable[Observation]]) -> None:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            return read()

        self._meter.create_observable_gauge(name, callbacks=[observe], description=description)

    def counter(
        self, name: str, description: str, label: str, values: Iterable[str], **others: str
    ) -> Callable[[str], None]:
        """Return a function that counts one more of a value of `label`. All `values` are there from the start, at 0.

        `others` are labels that each of these has, too; a counter may be asked for again with others.
        """
        counter = self._meter.create_counter(name, description=description)
        for value in values:
            counter.add(0, {label: value, **others})
        return lambda value: counter.add(1, {label: value, **others})

    def total(self, name: str, description: str) -> Callable[[], None]:
        """Return a function that counts one more of something that has no labels; it is there from the start, at 0."""
        counter = self._meter.create_counter(name, description=description)
        counter.add(0)
        return lambda: counter.add(1)

    def page(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics in the Prometheus or the OpenMetrics format, and the media type of it."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

    def close(self) -> None:
        """Export what is left, for at most FLUSH_SECONDS: a collector that is away must not hold up the end."""

        def flush() -> None:
            self._recording.shutdown()
            self._meters.shutdown()
            self._logs.close()

        flushing = threading.Thread(target=flush, daemon=True)
        flushing.start()
        flushing.join(FLUSH_SECONDS)
