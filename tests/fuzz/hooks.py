"""What generated requests leave out: whole numbers with a fraction, and work that takes a machine minutes.

JSON Schema takes 1.0 for an integer; the contract does not, so that every language reads the same number.
"""

from typing import Any

import schemathesis

ALLOWED = 20_000_000
QUICK = 10_000


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    """Write whole numbers without a fraction."""
    return _written(body)


@schemathesis.hook
def before_call(_context: Any, case: Any, _arguments: Any) -> None:
    """Shorten simulations that are not too long already, in every phase; the longest take Python a minute."""
    if isinstance(case.body, dict) and isinstance(asked := case.body.get("iterations"), int) and 0 < asked <= ALLOWED:
        case.body = case.body | {"iterations": min(asked, QUICK)}


def _written(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_written(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _written(entry) for name, entry in value.items()}
    return value
