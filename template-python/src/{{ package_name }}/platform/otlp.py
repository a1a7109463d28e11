"""Whom telemetry is exported to: nobody, unless the standard's OTEL_* variables ask for it."""

import logging
import os
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final

from opentelemetry.sdk.resources import Resource

from .logs import log

# What OpenTelemetry's packages call themselves. What is not asked for is not imported either: gRPC takes its time.
_PROTOCOLS: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}


def exporters(signal: str) -> list[Any]:
    """Return what exports "traces", "metrics" or "logs"; nothing where nobody asked for it."""
    name = wanted(signal)
    return [found.load()() for found in entry_points(group=f"opentelemetry_{signal}_exporter", name=name) if name]


def wanted(signal: str) -> str:
    """Return the name of the exporter that OTEL_* variables ask for: by its kind, or by saying where to."""
    own = f"OTEL_EXPORTER_OTLP_{signal.upper()}"
    kind = os.environ.get(f"OTEL_{signal.upper()}_EXPORTER", "").strip().lower()
    if not kind and any(os.environ.get(name) for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", f"{own}_ENDPOINT")):
        kind = "otlp"
    protocols = (f"{own}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    protocol = next((os.environ[name] for name in protocols if os.environ.get(name)), "http/protobuf")
    if kind in {"", "none"}:
        return ""
    if kind != "otlp" or protocol not in _PROTOCOLS:
        told = {"signal": signal, "exporter": kind, "protocol": protocol}
        log.warning("OpenTelemetry export is off: this service has otlp over http/protobuf and grpc only", extra=told)
        return ""
    return _PROTOCOLS[protocol]


class ExportedLogs:
    """The log, exported beside standard output where that is asked for; otherwise it costs nothing."""

    def __init__(self, resource: Resource) -> None:
        """Begin to export."""
        self._handlers = list[logging.Handler]()
        self._shut_down = _nothing
        for exporter in exporters("logs"):
            from opentelemetry.sdk._logs import LoggerProvider
            from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

            provider = LoggerProvider(resource, shutdown_on_exit=False)
            provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
            self._shut_down = provider.shutdown
            bridge = import_module("opentelemetry.instrumentation.logging.handler")  # has no types
            self._handlers.append(bridge.LoggingHandler(logger_provider=provider))
        for handler in self._handlers:
            # Or an exporter that fails would export that it fails.
            handler.addFilter(lambda record: not record.name.startswith("opentelemetry"))
            logging.getLogger().addHandler(handler)

    def close(self) -> None:
        """Export what is left."""
        while self._handlers:
            logging.getLogger().removeHandler(self._handlers.pop())
        self._shut_down()


def _nothing() -> None:
    """Stand for a shut-down where nothing was begun."""
