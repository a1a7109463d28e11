"""The largest request body. Bytes are counted as they arrive, since a client need not say how many will come."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problem import Problem


class BodyLimit:
    """ASGI middleware that stops the reading of bodies that are too large."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        """Let bodies of at most `limit` bytes pass."""
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its body counted."""
        declared = int(Headers(scope=scope).get("content-length", "0"))
        counted = 0

        async def receive_counted() -> Message:
            nonlocal counted
            if declared <= self._limit:
                message = await receive()
                counted += len(message.get("body", b""))
                if counted <= self._limit:
                    return message
            detail = f"The request body is larger than {self._limit} bytes."
            raise Problem(413, detail, headers={"Connection": "close"})

        await self._app(scope, receive_counted, send)
