"""An upstream for tests, on a real socket: it answers, fails, closes or hangs as it is told."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self


@dataclass
class Call:
    """What was asked."""

    target: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Stub:
    """An upstream, what it does, and what it saw."""

    url: str = ""
    statuses: list[int] = field(default_factory=list[int])
    """Of the next answers; 0 closes the connection without any."""
    body: bytes = b"1"
    hangs: bool = False
    calls: list[Call] = field(default_factory=list[Call])
    called: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client leaves without its answer."""

    @classmethod
    @asynccontextmanager
    async def started(cls) -> AsyncGenerator[Self]:
        """Start one."""
        stub = cls()
        server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        stub.url = f"http://{host}:{port}"
        try:
            yield stub
        finally:
            server.close()
            await server.wait_closed()
            await asyncio.sleep(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            fields = dict(line.split(": ", 1) for line in head[1:] if line)
            headers = {name.lower(): value for name, value in fields.items()}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.calls.append(Call(head[0].split(" ")[1], headers, body))
            self.called.set()
            if self.hangs:
                await reader.read()
                self.left.set()
            elif status := self.statuses.pop(0) if self.statuses else 200:
                rest = f"Connection: close\r\nLocation: {self.url}\r\nContent-Length: {len(self.body)}"
                writer.write(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{rest}\r\n\r\n".encode() + self.body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        finally:
            writer.close()
