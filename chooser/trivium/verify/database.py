"""The databases of services under test, as the suite sees them beside the service: SQLite files and PostgreSQL's."""

import sqlite3
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from trivium.errors import UserError

from .wire import HOST

USER = "verify"  # owns the databases; the services connect as this one
SUPERUSER = "postgres"
CANARY = "trigger-canary-7c21"  # what a planted failure says; no answer may show it
ALWAYS = 1_000_000  # times that a planted failure strikes
_PLANTED = "verify_planted"
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")


def driver() -> ModuleType:
    """Return what talks to PostgreSQL. Raises UserError where it is not installed."""
    try:
        return import_module("psycopg")
    except ImportError as error:
        raise UserError(
            "The service has a PostgreSQL database, and psycopg, with which the suite looks into it, is not installed; "
            "install trivium[postgres]."
        ) from error


class Database(ABC):
    """One database, as the suite sees it beside the service."""

    @abstractmethod
    @contextmanager
    def _open(self) -> Iterator[Any]:
        """Connect, each statement being a transaction of its own. Raises UserError."""
        yield

    @abstractmethod
    def create(self) -> None:
        """Make it, empty."""

    def execute(self, *statements: str) -> None:
        """Execute statements, each in its own transaction."""
        with self._open() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self._open() as connection:
            return list(connection.execute(query).fetchall())

    @abstractmethod
    def contents(self) -> Mapping[str, object]:
        """Return its tables, and how many rows each has, to compare."""

    @abstractmethod
    @contextmanager
    def held(self, table: str) -> Iterator[None]:
        """Keep everybody else from writing to a table."""
        yield

    @abstractmethod
    @contextmanager
    def failing(self, table: str) -> Iterator[None]:
        """Make every insertion into a table fail."""
        yield


class Sqlite(Database):
    """A file."""

    def __init__(self, file: Path) -> None:
        """Do not open it yet."""
        self._file = file

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._file, timeout=10, isolation_level=None)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise UserError(f"The database says: {error}.") from error

    def create(self) -> None:
        """Leave it to the migration."""

    def contents(self) -> Mapping[str, object]:
        """Return its tables, and how many rows each has, to compare."""
        with self._open() as connection:
            dump = list(connection.iterdump())
        rows = Counter(line.partition(" VALUES(")[0] for line in dump if line.startswith("INSERT INTO"))
        return dict(rows) | {line: True for line in dump if line.startswith("CREATE ")}

    @contextmanager
    def held(self, table: str) -> Iterator[None]:
        """Be the one writer that SQLite allows, whatever the table."""
        del table
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def failing(self, table: str) -> Iterator[None]:
        """Make every insertion into a table fail."""
        refuse = f"SELECT RAISE(ABORT, '{CANARY}');"
        self.execute(f"CREATE TRIGGER {_PLANTED} BEFORE INSERT ON {table} BEGIN {refuse} END")
        try:
            yield
        finally:
            self.execute(f"DROP TRIGGER {_PLANTED}")


class Postgres(Database):
    """One database of the server."""

    def __init__(self, port: int, name: str) -> None:
        """Do not connect yet."""
        self._port, self.name = port, name

    @contextmanager
    def _open(self, database: str = "") -> Iterator[Any]:
        psycopg = driver()
        told = {"host": HOST, "port": self._port, "user": SUPERUSER, "dbname": database or self.name}
        try:
            with psycopg.connect(**told, autocommit=True, connect_timeout=10) as connection:
                yield connection
        except psycopg.Error as error:
            raise UserError(f"The database says: {str(error).strip()}.") from error

    def create(self) -> None:
        """Make it, empty."""
        with self._open(SUPERUSER) as connection:
            connection.execute(f"CREATE DATABASE {self.name} OWNER {USER}")

    def contents(self) -> Mapping[str, object]:
        """Return its tables, and how many rows each has, to compare."""
        found = self.rows(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        )
        counted = self.rows(
            "SELECT relname, (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM ' || oid::regclass, "
            "false, true, '')))[1]::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        indexes = self.rows("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
        return {str(row): True for row in [*found, *indexes]} | dict(counted)

    @contextmanager
    def held(self, table: str) -> Iterator[None]:
        """Keep everybody else from reading and writing a table."""
        with self._open() as connection, connection.transaction():
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield

    @contextmanager
    def failing(self, table: str) -> Iterator[None]:
        """Make every insertion into a table fail."""
        with self.failing_with(table, "P0001"):
            yield

    @contextmanager
    def failing_with(self, table: str, code: str, times: int = ALWAYS) -> Iterator[None]:
        """Make so many insertions into a table fail with an error code; `attempts` counts all of them.

        A sequence counts, since it is the one thing that a transaction which is rolled back leaves changed.
        """
        fail = f"RAISE EXCEPTION '{CANARY}' USING ERRCODE = '{code}';"
        body = f"IF nextval('{_PLANTED}_seen') <= {times} THEN {fail} END IF;"
        with self._on_insert(table, body, f"CREATE SEQUENCE {_PLANTED}_seen"):
            yield

    def attempts(self) -> int:
        """Return how many insertions there have been since `failing_with` began."""
        found = self.rows("SELECT coalesce(last_value, 0) FROM pg_sequences WHERE sequencename = 'verify_planted_seen'")
        return int(found[0][0])

    @contextmanager
    def limits_of_writers(self, table: str) -> Iterator[list[dict[str, str]]]:
        """Yield a list that has, in the end, the limits in force in each session that has inserted into a table."""
        seen = list[dict[str, str]]()
        columns = ", ".join(f"{name} text" for name in LIMITS)
        values = ", ".join(f"current_setting('{name}')" for name in LIMITS)
        body = f"EXECUTE $s$ INSERT INTO {_PLANTED}_limits SELECT {values} $s$;"
        with self._on_insert(table, body, f"CREATE TABLE {_PLANTED}_limits ({columns})"):
            yield seen
            seen += [dict(zip(LIMITS, row, strict=True)) for row in self.rows(f"TABLE {_PLANTED}_limits")]

    @contextmanager
    def _on_insert(self, table: str, body: str, before: str) -> Iterator[None]:
        self.execute(
            before,
            f"CREATE FUNCTION {_PLANTED}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"AS $$ BEGIN {body} RETURN NEW; END $$",
            f"CREATE TRIGGER {_PLANTED} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {_PLANTED}()",
        )
        try:
            yield
        finally:
            self.execute(
                f"DROP FUNCTION {_PLANTED} CASCADE",
                f"DROP SEQUENCE IF EXISTS {_PLANTED}_seen",
                f"DROP TABLE IF EXISTS {_PLANTED}_limits",
            )

    def sessions(self) -> list[int]:
        """Return the backends that serve the service."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'verify'"
        return [int(row[0]) for row in self.rows(query)]

    def kill_sessions(self) -> int:
        """End every backend that serves the service; return how many there were."""
        query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = 'verify'"
        )
        return len(self.rows(query))
