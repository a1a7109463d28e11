"""One request and its answer on the wire: notices clients that hang up, and answers that come early."""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

# Closing a socket that has unread bytes resets it, and the client may lose our answer. So after an answer to a request
# that is still being sent, what is on its way is read and thrown away for this long.
LINGER_SECONDS: Final = 1.0
CLOSE: Final = (b"connection", b"close")


class Exchange:
    """Reads one message ahead of the application, since a hang-up only shows when somebody reads."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin with nothing read and nothing sent."""
        headers = Headers(scope=scope)
        self.has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        self.answered = False
        self.hung_up = False
        self._receive = receive
        self._send = send
        self._ahead: asyncio.Queue[Message] = asyncio.Queue(maxsize=1)
        self._all_read = not self.has_body
        self._all_sent = False

    async def watch(self, on_hang_up: Callable[[], object]) -> None:
        """Read until the client is gone, and tell when that is before its answer."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                if not self._all_sent:
                    self.hung_up = True
                    on_hang_up()
                await self._ahead.put(message)
                return
            self._all_read = not message.get("more_body", False)
            await self._ahead.put(message)

    async def receive(self) -> Message:
        """Hand the next message to the application."""
        return await self._ahead.get()

    async def send(self, message: Message) -> None:
        """Send; an answer before the end of the request also ends the connection, for the rest may never come."""
        if message["type"] == "http.response.start":
            self.answered = True
            if not self._all_read and CLOSE not in message["headers"]:
                message = {**message, "headers": [*message["headers"], CLOSE]}
        elif not message.get("more_body", False):
            self._all_sent = True
            if not self._all_read:
                await self._send({**message, "more_body": True})
                await self._linger()
                message = {"type": "http.response.body"}
        await self._send(message)

    async def _linger(self) -> None:
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._all_read and (await self.receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            pass
