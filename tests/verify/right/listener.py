"""A listener: takes connections, reads requests, hands them on, and knows what is in flight."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from .exchange import LEFT, Answer, RefusedError, Request
from .faults import planted
from .observer import Observer
from .reading import LONGEST_HEAD, Body, Reader, linger, read_head
from .trace import Trace

WRITE_SECONDS = 10.0
BACKLOG = 512
Handler = Callable[[Request], Awaitable[Answer]]
GONE = Answer(LEFT)
UNREAD = Request("_OTHER", "", "", {}, "", Trace())


class Listener:
    """One listening socket. A client that closes its side, even half of it, has left, and its work ends."""

    def __init__(self, handler: Handler, largest_body: int, observer: Observer | None = None) -> None:
        """Do not listen yet."""
        self._handler = handler
        self._largest_body = largest_body
        self._observer = observer
        self._server: asyncio.Server | None = None
        self.busy = dict[asyncio.Task[None], tuple[str, float]]()
        """What is in flight: its task, its path, when it began."""
        self.closing = False

    async def open(self, bound: socket.socket) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, sock=bound, backlog=BACKLOG)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(Reader(limit=LONGEST_HEAD), self._connection)

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
        assert isinstance(reader, Reader)
        remote = str(writer.get_extra_info("peername")[0])
        try:
            with suppress(OSError, TimeoutError):
                while await self._exchange(reader, writer, remote):
                    pass
        finally:
            writer.close()

    async def _exchange(self, reader: Reader, writer: asyncio.StreamWriter, remote: str) -> bool:
        """Serve one request; return whether another may follow."""
        request = replace(UNREAD, trace=Trace())
        try:
            head = await read_head(reader, remote)
            if head is None:
                return False
            request = head
            return await self._serve(reader, writer, head)
        except RefusedError as refused:
            if refused.answer:
                answer = refused.answer.traced(request.trace)
                self._observe(request, answer, asyncio.get_running_loop().time())
                await _send(writer, answer, close=True)
                await linger(reader, writer)
            return False

    async def _serve(self, reader: Reader, writer: asyncio.StreamWriter, head: Request) -> bool:
        task, begun = asyncio.current_task(), asyncio.get_running_loop().time()
        assert task is not None
        self.busy[task] = head.path, begun
        gone = True
        try:
            body = await Body(reader, self._largest_body).read(head.headers)
            if planted("D2-abrupt") and body[:1] == b"{" != body and not body.rstrip().endswith(b"}"):
                return False
            reader.on_leaving = task.cancel
            answer = (await self._handler(replace(head, body=body))).traced(head.trace)
            reader.on_leaving, gone = None, False
            self._observe(head, answer, begun)
            close = head.close or self.closing
            await _send(writer, answer, close=close, bodiless=head.method == "HEAD" and not planted("E4-body"))
        except RefusedError as refused:
            gone = refused.answer is None
            raise
        finally:
            reader.on_leaving = None
            del self.busy[task]
            if gone and not planted("A2-silent"):
                self._observe(head, GONE, begun)
        return not close

    def _observe(self, request: Request, answer: Answer, begun: float) -> None:
        if self._observer:
            self._observer.finished(request, answer, asyncio.get_running_loop().time() - begun)


async def _send(writer: asyncio.StreamWriter, answer: Answer, *, close: bool, bodiless: bool = False) -> None:
    writer.write(answer.encoded(close=close, bodiless=bodiless))
    async with asyncio.timeout(WRITE_SECONDS):
        await writer.drain()
