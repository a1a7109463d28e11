"""One request and its answer on the wire: what happens to a body that nobody reads, and to answers that come early."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

# Closing a socket that has unread bytes resets it, and the client may lose our answer. So after an answer to a request
# that is still being sent, what is on its way is read and thrown away, for this long and this much.
LINGER_SECONDS: Final = 1.0
LINGER_BYTES: Final = 1024 * 1024
CLOSE: Final = (b"connection", b"close")


def has_body(headers: Headers) -> bool:
    """Tell whether a request announces a body."""
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


class Exchange:
    """Wraps the server's `receive` and `send`, and ends the connection after an answer to an unfinished request."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin with nothing read and nothing sent."""
        headers = Headers(scope=scope)
        self._all_read = not has_body(headers)
        self._awaits_go_ahead = "expect" in headers
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        """Read the next piece of the request."""
        message = await self._receive()
        self._all_read = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Send; an answer before the end of the request also ends the connection, for the rest may never come."""
        if message["type"] == "http.response.start":
            if not self._all_read and not self._awaits_go_ahead:
                await self._throw_away(seconds=0)  # a small body came along with its head
            if not self._all_read and CLOSE not in message["headers"]:
                message = {**message, "headers": [*message["headers"], CLOSE]}
        elif not self._all_read and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._throw_away(LINGER_SECONDS)
            message = {"type": "http.response.body"}
        await self._send(message)

    async def _throw_away(self, seconds: float) -> None:
        thrown = 0
        try:
            async with asyncio.timeout(seconds):
                while not self._all_read and thrown < LINGER_BYTES:
                    thrown += len((await self.receive()).get("body", b""))
        except TimeoutError:
            pass
