"""Operations that the contract calls deprecated say so in every answer, and when they end (RFC 9745, RFC 8594)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

METHODS: Final = ("get", "post", "put", "patch", "delete")

type Fields = Mapping[tuple[str, str], list[tuple[bytes, bytes]]]
"""The header fields of each operation, by method and path."""


def fields_of(contract: Mapping[str, Any]) -> Fields:
    """Return what deprecated operations add to their answers, as far as the contract has dates for it."""
    return {
        (method.upper(), path): list(_fields(item[method]))
        for path, item in contract["paths"].items()
        for method in METHODS
        if item.get(method, {}).get("deprecated")
    }


class Deprecation:
    """ASGI middleware that adds them."""

    def __init__(self, app: ASGIApp, *, fields: Fields) -> None:
        """Wrap `app`; a request's route is known by now, see guards.py."""
        self._app = app
        self._fields = fields

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        path = getattr(scope["route"], "path", "")
        scope["answer_headers"].extend(self._fields.get((scope["method"], path), []))
        await self._app(scope, receive, send)


def _fields(operation: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    since, until = _midnight(operation, "x-deprecated-at"), _midnight(operation, "x-sunset")
    if since:
        yield b"deprecation", f"@{int(since.timestamp())}".encode()
    if until:
        yield b"sunset", format_datetime(until, usegmt=True).encode()


def _midnight(operation: Mapping[str, Any], name: str) -> datetime | None:
    """Return the beginning of a day in UTC; None where the contract has no day."""
    try:
        day = date.fromisoformat(str(operation.get(name)))
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
