"""Logging: standard output only, one JSON object on each line, from the first line to the last."""

import json
import logging
import os
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from opentelemetry import trace

from .about import SERVICE, VERSION

_LEVELS: Final = {
    logging.DEBUG: "debug",
    logging.INFO: "info",
    logging.WARNING: "warning",
    logging.ERROR: "error",
    logging.CRITICAL: "error",
}
_STANDARD: Final = frozenset([*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message"])

# What others would log below these levels, the service says itself, or repeats what a client sent.
_OTHERS: Final = {"alembic": logging.WARNING, "opentelemetry.baggage": logging.ERROR, "uvicorn.error": logging.ERROR}

log = logging.getLogger(SERVICE)


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object; what was passed as `extra` becomes members of it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")[:-6] + "Z",
            "level": _LEVELS.get(record.levelno, "info"),
            "message": record.getMessage(),
            "service": SERVICE,
            "version": VERSION,
        }
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            line["trace_id"] = trace.format_trace_id(span.trace_id)
            line["span_id"] = trace.format_span_id(span.span_id)
        if record.name != SERVICE:
            line["logger"] = record.name
        line.update({name: value for name, value in vars(record).items() if name not in _STANDARD})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def set_up(level: str) -> None:
    """Send every log line of this process to standard output, whoever writes it: libraries, warnings, last words."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(capture=True)
    for name, least in _OTHERS.items():
        logging.getLogger(name).setLevel(least)
    sys.excepthook = _last_words
    threading.excepthook = lambda args: _last_words(args.exc_type, args.exc_value, args.exc_traceback)


def say_from_signal_handler(message: str) -> None:
    """Write an error line where the logging module's locks and buffers may be held by the interrupted code."""
    record = log.makeRecord(log.name, logging.ERROR, "", 0, message, (), None)
    os.write(sys.stdout.fileno(), f"{JsonFormatter().format(record)}\n".encode())


def _last_words(kind: type[BaseException], error: BaseException | None, trace_back: TracebackType | None) -> None:
    log.error("uncaught exception", exc_info=(kind, error or kind(), trace_back))
