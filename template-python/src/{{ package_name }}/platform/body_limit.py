"""Media types, and bodies, which are read before anything else is spent on a request: size and pace have limits.

A client that sends slowly waits here, where it holds nothing that others need.
"""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .exchange import has_body
from .fields import accepts_json
from .problem import Problem

# From its first byte to its last a body has to keep this average, once it has had the time of grace.
LEAST_BYTES_PER_SECOND: Final = 500
GRACE_SECONDS: Final = 5.0
MOST_SECONDS: Final = 60.0
CLOSE: Final = {"Connection": "close"}
MEDIA_TYPES: Final = {
    "POST": "application/json",
    "PUT": "application/json",
    "PATCH": "application/merge-patch+json",  # RFC 7396
}


class BodyLimit:
    """ASGI middleware that hands on requests whose body is there as a whole."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        """Let JSON bodies of at most `limit` bytes pass, of callers that accept JSON."""
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body and pass the request on, or raise the Problem that refuses it."""
        headers = Headers(scope=scope)
        body = bytearray()
        announced = has_body(headers)
        if announced:
            self._refuse_by_head(scope["method"], headers)
        if not accepts_json(headers):
            raise Problem(406, "This operation answers with application/json.")
        if announced:
            await self._read(receive, body)
        else:  # the end came along with the head, so that no clock has to watch it
            while (await _next(receive)).get("more_body", False):
                pass
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def receive_whole() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, receive_whole, send)

    def _refuse_by_head(self, method: str, headers: Headers) -> None:
        if int(headers.get("content-length", "0")) > self._limit:
            raise self._too_large()
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != MEDIA_TYPES.get(method, media_type):
            raise Problem(415, f"The request body must be {MEDIA_TYPES[method]}.")

    async def _read(self, receive: Receive, body: bytearray) -> None:
        began = asyncio.get_running_loop().time()
        more = True
        try:
            async with asyncio.timeout(GRACE_SECONDS) as pace:
                while more:
                    message = await _next(receive)
                    body += message.get("body", b"")
                    if len(body) > self._limit:
                        raise self._too_large()
                    more = message.get("more_body", False)
                    if more:
                        earned = max(GRACE_SECONDS, len(body) / LEAST_BYTES_PER_SECOND)
                        pace.reschedule(began + min(MOST_SECONDS, earned))
        except TimeoutError:
            raise Problem(408, "The request body came too slowly.", headers=CLOSE) from None

    def _too_large(self) -> Problem:
        return Problem(413, f"The request body is larger than {self._limit} bytes.", headers=CLOSE)


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message
