"""Heads and bodies of HTTP/1.1 while they come in, within limits of size and time."""

import asyncio
from collections.abc import Callable, Mapping

from .exchange import RefusedError, Request, parsed
from .faults import planted

LONGEST_HEAD = 16_384  # bytes; the buffer of a connection holds no more than twice as much
LONGEST_TARGET = 8_192
HEAD_SECONDS = 5.0  # for a head, and for a connection that says nothing
GRACE_SECONDS, LOWEST_RATE = 4.0, 500.0  # a body may pause so long, and has to come at so many bytes a second
LINGER_SECONDS = 1.0
PIECE = 65_536


class Reader(asyncio.StreamReader):
    """A reader that tells as soon as the client has gone."""

    on_leaving: Callable[[], object] | None = None

    def feed_eof(self) -> None:
        """Tell."""
        super().feed_eof()
        self._tell()

    def set_exception(self, exc: Exception) -> None:
        """Tell."""
        super().set_exception(exc)
        self._tell()

    def _tell(self) -> None:
        if self.on_leaving and not planted("B4-keeps"):
            self.on_leaving()


async def read_head(reader: asyncio.StreamReader, remote: str) -> Request | None:
    """Read a head; return None where the connection ends or stays silent. Raises RefusedError."""
    try:
        async with asyncio.timeout(None if planted("C3-silent") else HEAD_SECONDS):
            first = await reader.read(1)
        if not first:
            return None
        async with asyncio.timeout(None if planted("C3-heads") else HEAD_SECONDS):
            head = first + await reader.readuntil(b"\r\n\r\n")
    except TimeoutError:
        return None
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise RefusedError(_too_long(await reader.read(LONGEST_TARGET))) from error
    return parsed(head.decode("latin-1"), remote)


def _too_long(begin: bytes) -> int:
    if b"\r\n" in begin:
        return 400 if planted("C4-header") else 431
    return 400 if planted("C4-uri") else 414


class Body:
    """The body of a request while it comes in."""

    def __init__(self, reader: asyncio.StreamReader, limit: int) -> None:
        """Begin the clock of its rate."""
        self._reader = reader
        self._limit = limit
        self._begun = asyncio.get_running_loop().time()
        self._taken = 0
        self._parts = list[bytes]()

    async def read(self, headers: Mapping[str, str]) -> bytes:
        """Return it. Raises RefusedError."""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            await self._chunks()
        else:
            await self._announced(headers.get("content-length", "0"))
        return b"".join(self._parts)

    async def _announced(self, length: str) -> None:
        if not length.isdigit():
            raise RefusedError(400)
        if int(length) > self._limit:
            if planted("C2-abrupt"):
                raise RefusedError(0)
            if planted("C2-memory"):
                await self._take(int(length))
            raise RefusedError(413)
        await self._take(int(length))

    async def _chunks(self) -> None:
        while size := await self._size():
            if self._taken + size > self._limit:
                if not planted("C2-chunked"):
                    raise RefusedError(413)
                self._parts.clear()
            await self._take(size)
            await self._line()
        await self._line()

    async def _size(self) -> int:
        try:
            return int((await self._line()).partition(b";")[0], 16)
        except ValueError as error:
            raise RefusedError(400) from error

    async def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            line += await self._piece(1)
            if len(line) > 100:
                raise RefusedError(400)
        return line.strip()

    async def _take(self, count: int) -> None:
        while count:
            piece = await self._piece(min(count, PIECE))
            count -= len(piece)
            self._taken += len(piece)
            self._parts.append(piece)

    async def _piece(self, most: int) -> bytes:
        due: float | None = self._begun + GRACE_SECONDS + self._taken / LOWEST_RATE
        if planted("C3-honest"):
            due = self._begun + 5
        if planted("C3-bodies"):
            due = None
        try:
            async with asyncio.timeout_at(due):
                piece = await self._reader.read(most)
        except TimeoutError as error:
            raise RefusedError(408) from error
        if not piece:
            raise ConnectionResetError
        return piece


async def linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read on for a moment, so that whoever still sends does see the answer."""
    writer.write_eof()
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while await reader.read(PIECE):
                pass
    except TimeoutError:
        return
