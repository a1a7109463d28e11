"""The contract, as it is committed."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from .exchange import Answer, Request
from .faults import planted

FILE = Path(__file__).with_name("openapi.json")


@cache
def contract() -> Any:
    """Return what the file holds."""
    return json.loads(FILE.read_text(encoding="utf-8"))


async def served(_: Request, __: str) -> Answer:
    """Show it."""
    if planted("E1-drifted"):
        return Answer(200, {**contract(), "openapi": "3.0.0"})
    return Answer(200, contract())
