"""SQLite and PostgreSQL behind one face: how to connect, how a transaction begins, what an error means."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable
from enum import Enum
from importlib import import_module
from typing import Any

from .configuration import Configuration
from .faults import planted

Rows = list[tuple[Any, ...]]
COLLISIONS = {"40001", "40P01", "23505"}
WAITED_TOO_LONG = {"55P03", "57014"}
LOCK = 4_711


class Meaning(Enum):
    """What an error means."""

    COLLISION = "another transaction was in the way; this one may be tried again"
    BUSY = "it took too long to get at the data"
    AWAY = "the connection has gone"
    FAILED = "anything else"


class Engine(ABC):
    """One kind of database."""

    begin: str
    errors: type[Exception]

    @abstractmethod
    def connect(self) -> Any:
        """Return a new connection, which commits each statement unless a transaction has begun."""

    @abstractmethod
    def execute(self, connection: Any, statement: str, values: Iterable[Any] = ()) -> Rows:
        """Execute a statement, whose values stand as question marks, and return what it found."""

    @abstractmethod
    def meaning(self, error: Exception) -> Meaning:
        """Return what an error means."""

    @abstractmethod
    def lock(self, connection: Any) -> None:
        """Within a transaction, wait until nobody else migrates."""


class Sqlite(Engine):
    """SQLite."""

    begin = "BEGIN IMMEDIATE"
    errors = sqlite3.Error

    def __init__(self, file: str, patience: float) -> None:
        """Note where it is."""
        self._file, self._patience = file, patience

    def connect(self) -> Any:
        """Return a new connection."""
        made = sqlite3.connect(self._file, self._patience, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            made.execute(f"PRAGMA {pragma}")
        return made

    def execute(self, connection: Any, statement: str, values: Iterable[Any] = ()) -> Rows:
        """Execute a statement."""
        return list(connection.execute(statement, tuple(values)))

    def meaning(self, error: Exception) -> Meaning:
        """Return what an error means."""
        return Meaning.BUSY if "locked" in str(error) else Meaning.FAILED

    def lock(self, connection: Any) -> None:
        """There is only one writer, and a transaction begins by becoming it."""


class Postgres(Engine):
    """PostgreSQL."""

    begin = "BEGIN"

    def __init__(self, url: str, deadline: float) -> None:
        """Note where it is, and the limits of a session."""
        self._driver = import_module("psycopg")
        self.errors = self._driver.Error
        milliseconds = int(deadline * 1000)
        limits = {
            "statement_timeout": milliseconds,
            "lock_timeout": milliseconds // 2,
            "idle_in_transaction_session_timeout": milliseconds + 5_000,
        }
        if planted("F7-limits") or planted("F3-patient"):
            limits = {}
        self._url = url
        self._told = {"options": " ".join(f"-c {name}={value}" for name, value in limits.items())}
        if not planted("F7-nameless"):
            self._told["application_name"] = "right"

    def connect(self) -> Any:
        """Return a new connection."""
        return self._driver.connect(self._url, autocommit=True, connect_timeout=2, **self._told)

    def execute(self, connection: Any, statement: str, values: Iterable[Any] = ()) -> Rows:
        """Execute a statement."""
        done = connection.execute(statement.replace("?", "%s"), tuple(values))
        return list(done.fetchall()) if done.description else []

    def meaning(self, error: Exception) -> Meaning:
        """Return what an error means."""
        state = getattr(error, "sqlstate", None) or ""
        if state in COLLISIONS:
            return Meaning.COLLISION
        if state in WAITED_TOO_LONG:
            return Meaning.BUSY
        gone = isinstance(error, self._driver.OperationalError | self._driver.InterfaceError) and not state
        return Meaning.AWAY if gone or state.startswith(("08", "57P")) else Meaning.FAILED

    def lock(self, connection: Any) -> None:
        """Take the lock of all who migrate."""
        self.execute(connection, "SELECT pg_advisory_xact_lock(?)", (LOCK,))


def engine_of(configuration: Configuration) -> Engine | None:
    """Return what the configuration asks for, None for no database."""
    url: str = configuration["DATABASE_URL"]
    if url.startswith("sqlite:///"):
        return Sqlite(url.removeprefix("sqlite:///"), 60 if planted("F3-patient") else patience(configuration))
    return Postgres(url, configuration["REQUEST_TIMEOUT_SECONDS"]) if url else None


def patience(configuration: Configuration) -> float:
    """Return how long a request waits for a connection."""
    own, deadline = configuration["DATABASE_POOL_TIMEOUT_MS"], configuration["REQUEST_TIMEOUT_SECONDS"]
    return min(float(own) / 1000, float(deadline) / 2)
