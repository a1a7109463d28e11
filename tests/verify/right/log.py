"""The log: one JSON object a line, on standard output."""

import json
import sys
from datetime import UTC, datetime, timedelta, timezone

from .faults import planted

SERVICE, VERSION = "right", "1.0"


def log(message: str, level: str = "info", **fields: object) -> None:
    """Write one line."""
    zone = timezone(timedelta(hours=2)) if planted("G1-local") else UTC
    line: dict[str, object] = {
        "timestamp": datetime.now(zone).isoformat(timespec="milliseconds"),
        "level": level,
        "message": message,
        "service": SERVICE,
        "version": VERSION,
    }
    if planted("G1-field"):
        del line["level"]
    sys.stdout.write(json.dumps(line | fields) + "\n")
    sys.stdout.flush()
