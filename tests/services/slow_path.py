"""A way to a service that takes longer: a TCP relay on loopback that holds back what clients send."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

import httpx

Relay = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def delayed(base_url: str, seconds: float) -> Iterator[str]:
    """Give a base URL by which every request reaches the service that much later."""
    loop = asyncio.new_event_loop()
    target = httpx.URL(base_url)
    server = loop.run_until_complete(asyncio.start_server(_relay_to(target.host, target.port, seconds), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.1))
        loop.close()


def _relay_to(host: str, port: int | None, seconds: float) -> Relay:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, outward = await asyncio.open_connection(host, port)
        with suppress(ConnectionError):
            await asyncio.gather(_copy(reader, outward, seconds), _copy(onward, writer, 0))

    return relay


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Copy until the end; the pieces of one connection follow each other, so each waits on its own."""
    try:
        while data := await reader.read(65536):
            await asyncio.sleep(seconds)
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
