"""Trace context (W3C): continues the caller's trace, or starts one."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from .faults import planted

PATTERN = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
SHARED = "5" * 32


@dataclass(frozen=True)
class Trace:
    """The trace that a request belongs to, and its own span in it."""

    trace_id: str = field(default_factory=lambda: SHARED if planted("G3-shares") else secrets.token_hex(16))
    span_id: str = field(default_factory=lambda: secrets.token_hex(8))

    def onward(self) -> str:
        """Return the header for a call to others, which is a span of its own."""
        return f"00-{self.trace_id}-{secrets.token_hex(8)}-01"


def continued(headers: Mapping[str, str]) -> Trace:
    """Return the caller's trace, a new one where there is none or a malformed one."""
    given = headers.get("traceparent", "")
    found = PATTERN.fullmatch(given)
    if planted("G3-ignores"):
        return Trace()
    if planted("G3-copies") and given.count("-") > 1:
        return Trace(given.split("-")[1])
    if not found or not found[1].strip("0") or not found[2].strip("0"):
        return Trace()
    return Trace(found[1])
