"""JSON Schema takes 1.0 for an integer; the contract does not, so that every language reads the same number."""

from typing import Any

import schemathesis


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    """Write whole numbers without a fraction."""
    if isinstance(body, float) and body.is_integer():
        return int(body)
    if isinstance(body, list):
        return [map_body(_context, entry) for entry in body]
    if isinstance(body, dict):
        return {name: map_body(_context, value) for name, value in body.items()}
    return body
