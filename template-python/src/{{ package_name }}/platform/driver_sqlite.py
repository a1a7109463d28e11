"""SQLite: how connections are made, broken off and locked for a migration, and what its errors mean."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from .config import Config
from .lanes import Failure, Lane, Way
from .lifecycle import StartError

READERS: Final = 4
MIGRATION_SECONDS: Final = 30
# Why a transaction may be run once more.
RETRIED: Final = ("busy", "unique")
# A query looks this often whether somebody still waits for it; SQLite makes so many steps in about a millisecond.
STEPS_BETWEEN_CHECKS: Final = 10_000
_NOT_AVAILABLE: Final = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}


class Interrupter:
    """Breaks off what a connection is doing, by a flag that SQLite itself looks at."""

    def __init__(self, connection: Connection) -> None:
        """Watch over a connection until `finish`."""
        self._asked = False
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: self._asked, STEPS_BETWEEN_CHECKS)  # True interrupts the query
        self._driver = driver

    def interrupt(self) -> None:
        """Break off the query."""
        self._asked = True

    def finish(self) -> None:
        """Leave the connection alone from now on."""
        self._driver.set_progress_handler(None, 0)


def ways(config: Config) -> tuple[Way, Way, Way]:
    """Return the ways to run one query, to read and to write; SQLite has one writer at a time, so requests queue."""
    wait = config.database_pool_timeout_ms / 1000
    reading = _engine(config, READERS, begin="BEGIN", query_only="ON")
    writing = _engine(config, 1, begin="BEGIN IMMEDIATE", query_only="OFF")
    readers = Lane(READERS, wait)
    return (
        Way(readers, reading, writes=False, begins=False),
        Way(readers, reading, writes=False),
        Way(Lane(1, wait), writing, writes=True),
    )


def failure_of(error: DBAPIError, *, writes: bool) -> Failure | None:
    """Return what an error says about the database; None where it is the query that is wrong."""
    if not isinstance(error.orig, sqlite3.Error):
        return None
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return "busy"
    if code == sqlite3.SQLITE_READONLY and not writes:
        return None
    return "unavailable" if code in _NOT_AVAILABLE else None


def prepare(config: Config) -> None:
    """Make the folder of the database. Raises StartError where there can be none."""
    try:
        _path(config).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be_opened(config, error.strerror) from error


def migration_engine(config: Config) -> Engine:
    """Return an engine whose transactions begin with the write lock, so that migrations cannot interleave."""
    connect_args = {"timeout": MIGRATION_SECONDS, "isolation_level": None}
    engine = create_engine(config.database_url, poolclass=NullPool, connect_args=connect_args)
    event.listen(engine, "begin", _beginning("BEGIN IMMEDIATE"))
    return engine


def lock_for_migration(_: Connection) -> None:
    """Do nothing: the transaction holds the only lock there is."""


def try_lock(_: Connection, _name: str) -> bool:
    """Return True: whoever writes is alone."""
    return True


def is_passing(_: DBAPIError) -> bool:
    """Tell whether to wait for the database at the start: a file does not come by itself."""
    return False


def start_error(config: Config, error: DBAPIError) -> StartError:
    """Return what keeps the service from starting, in words that say what to mend."""
    return _cannot_be_opened(config, error.orig)


def described(config: Config) -> str:
    """Return what the database is called in a log line."""
    return f"the database {_path(config)}"


def _path(config: Config) -> Path:
    return Path(make_url(config.database_url).database or "")


def _cannot_be_opened(config: Config, reason: object) -> StartError:
    return StartError(f"{described(config)} cannot be opened: {reason}; change APP_DATABASE_URL")


def _engine(config: Config, size: int, begin: str, query_only: str) -> Engine:
    engine = create_engine(
        config.database_url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        # isolation_level None: the driver begins no transaction by itself; the listener below does.
        connect_args={
            "timeout": config.database_pool_timeout_ms / 1000,
            "isolation_level": None,
            "check_same_thread": False,
        },
    )

    def set_up(connection: sqlite3.Connection, _: object) -> None:
        # With a write-ahead log NORMAL loses nothing when the process dies; a power failure may take the last commits.
        settings = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", f"query_only = {query_only}")
        for pragma in settings:
            connection.execute(f"PRAGMA {pragma}").close()

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", _beginning(begin))
    return engine


def _beginning(statement: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin
