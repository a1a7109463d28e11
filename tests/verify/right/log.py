"""The log: one JSON object a line, on standard output."""

import json
import sys
from datetime import UTC, datetime


def log(message: str, **fields: object) -> None:
    """Write one line."""
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "message": message, **fields}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
