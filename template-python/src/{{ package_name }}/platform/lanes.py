"""Connections that do the same, with a thread for each and a queue in front of them; and one transaction on one."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy import Connection, Engine

type Failure = Literal["serialization", "deadlock", "unique", "busy", "locked", "lost", "unavailable"]
"""What a database has against a transaction; the first four pass when it is run once more."""


class Interrupter(Protocol):
    """Breaks off what a connection is doing."""

    def interrupt(self) -> None:
        """Break off the query; this must not block."""
        ...

    def finish(self) -> None:
        """Leave the connection alone from now on."""
        ...


class NoRoomError(Exception):
    """No connection came free in time."""


class AbandonedError(Exception):
    """Rolls back what nobody waits for any more."""


class Transaction[T]:
    """One transaction, or one query without any, on a thread; the event loop can break it off."""

    def __init__(
        self, way: "Way", work: Callable[[Connection], T], interrupter: Callable[[Connection], Interrupter]
    ) -> None:
        """Do `work`; nothing is opened yet."""
        self.committing = False
        """Whether the outcome may be unknown to us."""
        self._abandoned = False
        self._way = way
        self._work = work
        self._watch = interrupter
        self._interrupter: Interrupter | None = None

    def abandon(self) -> None:
        """Break off what nobody waits for."""
        self._abandoned = True
        if self._interrupter:
            self._interrupter.interrupt()

    def run(self) -> T:
        """Return what the work returns after its changes were committed; an exception leaves nothing of them."""
        with self._way.engine.connect() as connection:
            interrupter = self._interrupter = self._watch(connection)
            try:
                self._give_up_if_abandoned()
                transaction = connection.begin() if self._way.begins else None
                result = self._work(connection)
            finally:
                interrupter.finish()
            self._give_up_if_abandoned()
            if transaction:
                self.committing = True
                transaction.commit()
            return result

    def _give_up_if_abandoned(self) -> None:
        if self._abandoned:
            raise AbandonedError


class Lane:
    """So many connections, and the requests that wait for one."""

    def __init__(self, size: int, wait_seconds: float) -> None:
        """Lend `size` connections; whoever waits longer than `wait_seconds` is refused."""
        self.size = size
        self.wait_seconds = wait_seconds
        self.in_use = 0
        self.waiting = 0
        self._free = asyncio.Semaphore(size)
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="database")
        self._running: set[Transaction[Any]] = set()

    async def run[T](self, transaction: Transaction[T]) -> T:
        """Run a transaction when it is its turn. Raises NoRoomError where that does not come in time."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        self.in_use += 1
        self._running.add(transaction)
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[T] = loop.create_future()
        running = self._threads.submit(contextvars.copy_context().run, transaction.run)
        # One call for both, the connection and the result: each wakes the event loop.
        running.add_done_callback(lambda done: loop.call_soon_threadsafe(self._on_end, transaction, done, ended))
        try:
            return await ended
        except asyncio.CancelledError:
            transaction.abandon()
            raise

    async def _wait(self) -> None:
        self.waiting += 1
        try:
            async with asyncio.timeout(self.wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise NoRoomError from None
        finally:
            self.waiting -= 1

    def _on_end[T](self, transaction: Transaction[T], done: Future[T], ended: asyncio.Future[T]) -> None:
        self._running.discard(transaction)
        self.in_use -= 1
        self._free.release()
        if ended.done():  # nobody waits any more
            return
        error = done.exception()
        if error:
            ended.set_exception(error)
        else:
            ended.set_result(done.result())

    def close(self) -> None:
        """Break off what is being done, for which nobody waits any more, and wait for its end."""
        for transaction in list(self._running):
            transaction.abandon()
        self._threads.shutdown()


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the database: the lane to wait in, and what makes the connections."""

    lane: Lane
    engine: Engine
    writes: bool
    begins: bool = True
    """Whether there is a transaction around what is done; one query needs none."""
