"""The database: one connection that writes, a few that read beside it, each on a thread of its own."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from sqlite3 import Connection as DriverConnection
from typing import Any, Concatenate, Final

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import OperationalError

from .problem import RETRY_SOON, Problem

READERS: Final = 4
# How long a request waits for a connection, and then for the lock that another process may hold.
WAIT_SECONDS: Final = 2.0
# A query looks this often whether somebody still waits for it; SQLite makes so many steps in about a millisecond.
STEPS_BETWEEN_CHECKS: Final = 10_000


class Database:
    """One SQLite database. SQLite has one writer at a time, so requests queue for it here, in order.

    The functions handed to `read` and `write` run on a thread, in a transaction: they may block, and have to leave the
    application's own state alone.
    """

    def __init__(self, url: str) -> None:
        """Prepare to connect; nothing is opened yet."""
        self._writer = _Lane(_engine(url, 1, begin="BEGIN IMMEDIATE", query_only="OFF"), 1)
        self._readers = _Lane(_engine(url, READERS, begin="BEGIN", query_only="ON"), READERS)

    async def read[**P, T](self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` finds; it sees one state of the database and cannot change it."""
        return await self._readers.run(lambda connection: work(connection, *args, **kwargs))

    async def write[**P, T](
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what `work` returns after its changes were committed; an exception leaves nothing of them."""
        return await self._writer.run(lambda connection: work(connection, *args, **kwargs))

    def connections_in_use(self) -> int:
        """Return how many connections are lent out, for the metric."""
        return self._writer.in_use + self._readers.in_use

    def close(self) -> None:
        """Close all connections, after what is being done with them."""
        self._writer.close()
        self._readers.close()


class _Lane:
    """Connections that do the same, with a thread for each, and a queue in front of them."""

    def __init__(self, engine: Engine, connections: int) -> None:
        self.in_use = 0
        self._engine = engine
        self._free = asyncio.Semaphore(connections)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="database")

    async def run[T](self, work: Callable[[Connection], T]) -> T:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise _busy() from None
        self.in_use += 1
        transaction = _Transaction(self._engine, work)
        running = self._threads.submit(contextvars.copy_context().run, transaction.run)
        give_back = partial(asyncio.get_running_loop().call_soon_threadsafe, self._give_back)
        running.add_done_callback(lambda _: give_back())
        try:
            return await asyncio.wrap_future(running)
        except asyncio.CancelledError:
            transaction.abandoned = True
            raise
        except OperationalError as error:
            if "locked" in str(error.orig):
                raise _busy() from error
            raise

    def _give_back(self) -> None:
        self.in_use -= 1
        self._free.release()

    def close(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()


class _AbandonedError(Exception):
    """Rolls back what nobody waits for any more."""


class _Transaction[T]:
    """One transaction on a thread, which the event loop can break off."""

    def __init__(self, engine: Engine, work: Callable[[Connection], T]) -> None:
        self.abandoned = False
        self._engine = engine
        self._work = work

    def run(self) -> T:
        with self._engine.begin() as connection:
            driver: Any = connection.connection.driver_connection
            driver.set_progress_handler(lambda: self.abandoned, STEPS_BETWEEN_CHECKS)  # True interrupts the query
            try:
                result = self._work(connection)
            finally:
                driver.set_progress_handler(None, 0)
            if self.abandoned:
                raise _AbandonedError
            return result


def _engine(url: str, size: int, begin: str, query_only: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        # isolation_level None: the driver begins no transaction by itself; `start` does.
        connect_args={"timeout": WAIT_SECONDS, "isolation_level": None, "check_same_thread": False},
    )

    def prepare(connection: DriverConnection, _: object) -> None:
        # With a write-ahead log NORMAL loses nothing when the process dies; a power failure may take the last commits.
        settings = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", f"query_only = {query_only}")
        for pragma in settings:
            connection.execute(f"PRAGMA {pragma}").close()

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine


def _busy() -> Problem:
    return Problem(503, "The database is busy; try again later.", headers=RETRY_SOON)
