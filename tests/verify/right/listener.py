"""A listener: takes connections, reads requests, hands them on, and knows what is in flight."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

from .exchange import LONGEST_HEAD, Answer, Body, RefusedError, Request, linger, read_head

WRITE_SECONDS = 10.0
BACKLOG = 512
Handler = Callable[[Request], Awaitable[Answer]]


class Listener:
    """One listening socket."""

    def __init__(self, handler: Handler, largest_body: int) -> None:
        """Do not listen yet."""
        self._handler = handler
        self._largest_body = largest_body
        self._server: asyncio.Server | None = None
        self.busy = dict[asyncio.Task[None], tuple[str, float]]()
        """What is in flight: its task, its path, when it began."""
        self.closing = False

    async def open(self, bound: socket.socket) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._connection, sock=bound, limit=LONGEST_HEAD, backlog=BACKLOG)

    def close(self) -> None:
        """Take no more connections, and end each after the request in it."""
        self.closing = True
        if self._server:
            self._server.close()

    async def finished(self, seconds: float) -> None:
        """Wait until nothing is in flight, and no longer than that."""
        if self.busy:
            await asyncio.wait(self.busy, timeout=seconds)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        remote = str(writer.get_extra_info("peername")[0])
        with suppress(OSError, TimeoutError):
            try:
                while await self._exchange(reader, writer, remote):
                    pass
            except RefusedError as refused:
                if refused.answer:
                    await _send(writer, refused.answer, close=True)
                    await linger(reader, writer)
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, remote: str) -> bool:
        """Serve one request; return whether another may follow."""
        head = await read_head(reader, remote)
        if head is None:
            return False
        task = asyncio.current_task()
        assert task is not None
        self.busy[task] = head.path, asyncio.get_running_loop().time()
        try:
            body = await Body(reader, self._largest_body).read(head.headers)
            answer = await self._handler(Request(head.method, head.path, head.headers, remote, body))
            close = head.close or self.closing
            await _send(writer, answer, close=close)
        finally:
            del self.busy[task]
        return not close


async def _send(writer: asyncio.StreamWriter, answer: Answer, *, close: bool) -> None:
    writer.write(answer.encoded(close=close))
    async with asyncio.timeout(WRITE_SECONDS):
        await writer.drain()
