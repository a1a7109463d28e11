"""The database: one connection that writes, a few that read beside it, none of them on the event loop."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from .problem import RETRY_SOON, Problem

READERS: Final = 4
# How long a request waits for a connection, and a writer of another process keeps us waiting for its lock.
WAIT_SECONDS: Final = 2


class Database:
    """Connections to one SQLite database. SQLite has one writer at a time, so we queue for it here, in order."""

    def __init__(self, url: str) -> None:
        """Prepare to connect; nothing is opened yet."""
        target = make_url(url).set(drivername="sqlite+aiosqlite")
        self._writer = _engine(target, size=1, begin="BEGIN IMMEDIATE", query_only="OFF")
        self._readers = _engine(target, size=READERS, begin="BEGIN", query_only="ON")

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction that sees one state of the database and cannot change it."""
        async with _begun(self._readers) as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction; it is committed at the end of the block, or rolled back by an exception."""
        async with _begun(self._writer) as connection:
            yield connection

    def connections_in_use(self) -> int:
        """Return how many connections are lent out, for the metric."""
        return sum(int(getattr(engine.pool, "checkedout", int)()) for engine in (self._writer, self._readers))

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        await self._readers.dispose()


def _engine(target: URL, size: int, begin: str, query_only: str) -> AsyncEngine:
    engine = create_async_engine(
        target,
        pool_size=size,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        # None: the driver begins no transaction by itself; `start` does.
        connect_args={"timeout": WAIT_SECONDS, "isolation_level": None},
    )

    def prepare(connection: DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", f"query_only = {query_only}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", start)
    return engine


@asynccontextmanager
async def _begun(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    try:
        async with engine.begin() as connection:
            yield connection
    except PoolTimeoutError as error:
        raise _busy() from error
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise _busy() from error
        raise


def _busy() -> Problem:
    return Problem(503, "The database is busy; try again later.", headers=RETRY_SOON)
