"""PostgreSQL: how connections are made, broken off and locked for a migration, and what its errors mean."""

import os
import socket
import threading
from contextlib import suppress
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, NullPool, Pool, QueuePool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from .about import SERVICE
from .config import Config
from .lanes import Failure, Lane, Way
from .lifecycle import StartError

CONNECT_SECONDS: Final = 3
LIFETIME_SECONDS: Final = 1800
# A query that was broken off has so long to end; then its connection is cut.
CANCEL_SECONDS: Final = 2.0
# How long `migrate` waits for another one, for the locks of a table, and for one statement.
MIGRATION_LIMITS: Final = {"turn": 60_000, "lock": 5_000, "statement": 600_000}
MIGRATION_LOCK: Final = 7_421_356_908
# Why a transaction may be run once more.
RETRIED: Final = ("serialization", "deadlock", "unique", "busy")
_FAILURES: Final[dict[str, Failure]] = {
    "40001": "serialization",
    "40P01": "deadlock",
    "55P03": "locked",  # lock_timeout
    "57014": "locked",  # statement_timeout
}
# Connections, resources (a full disk), an operator's intervention, the system itself.
_NOT_AVAILABLE: Final = ("08", "28", "3D", "53", "57", "58")
_READ_ONLY: Final = "25006"
# A server's refusal of a connection comes without a code.
_REFUSALS: Final = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "is not permitted to log in",
    "permission denied for database",
    'role "',
)
_MISSING: Final = 'database "'


class Interrupter:
    """Breaks off what a connection is doing: asks the server to cancel, and cuts a connection that does not answer."""

    def __init__(self, connection: Connection) -> None:
        """Watch over a connection until `finish`."""
        self._driver: Any = connection.connection.driver_connection
        self._asking = threading.Lock()  # a cancellation must not reach the next user of the connection
        self._finished = threading.Event()

    def interrupt(self) -> None:
        """Break off the query; a thread does what takes time."""
        threading.Thread(target=self._break_off, name="database-cancel", daemon=True).start()

    def finish(self) -> None:
        """Leave the connection alone from now on."""
        with self._asking:
            self._finished.set()

    def _break_off(self) -> None:
        with self._asking:
            if self._finished.is_set():
                return
            with suppress(psycopg.Error):
                self._driver.cancel_safe(timeout=CANCEL_SECONDS)
        if self._finished.wait(CANCEL_SECONDS):
            return
        with self._asking, suppress(OSError, psycopg.Error):
            if not self._finished.is_set():
                with socket.socket(fileno=os.dup(self._driver.fileno())) as connection:
                    connection.shutdown(socket.SHUT_RDWR)


def ways(config: Config) -> tuple[Way, Way, Way]:
    """Return the ways to run one query, to read and to write, which share their connections."""
    size = config.database_pool_size
    request_ms = int(config.request_timeout_seconds * 1000)
    limits = {
        "statement_timeout": request_ms,
        "lock_timeout": request_ms // 2,
        "idle_in_transaction_session_timeout": request_ms + 5000,
    }
    engine = _engine(config, limits, poolclass=QueuePool, pool_size=size, max_overflow=0, pool_recycle=LIFETIME_SECONDS)
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    single = engine.execution_options(isolation_level="AUTOCOMMIT")
    lane = Lane(size, config.database_pool_timeout_ms / 1000)
    return (
        Way(lane, single, writes=False, begins=False),
        Way(lane, reading, writes=False),
        Way(lane, engine, writes=True),
    )


def failure_of(error: DBAPIError, *, writes: bool) -> Failure | None:
    """Return what an error says about the database; None where it is the query that is wrong."""
    if error.connection_invalidated:
        return "lost"
    if not isinstance(error.orig, psycopg.Error):
        return None
    state = error.orig.sqlstate
    if state is None:  # a connection that was not made: the server's word about it has no code
        return "unavailable" if isinstance(error.orig, psycopg.OperationalError) else None
    if state == _READ_ONLY and writes:
        return "unavailable"
    return _FAILURES.get(state) or ("unavailable" if state.startswith(_NOT_AVAILABLE) else None)


def prepare(_: Config) -> None:
    """Do nothing: the server is somebody else's."""


def migration_engine(config: Config) -> Engine:
    """Return an engine for one connection, with the time that a migration needs."""
    return _engine(config, {"statement_timeout": MIGRATION_LIMITS["turn"]}, poolclass=NullPool)


def lock_for_migration(connection: Connection) -> None:
    """Wait until no other process migrates; the lock is held until the end of the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    # A migration that waits for a table holds up everybody who comes after it: it gives up soon.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {MIGRATION_LIMITS['lock']}")
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {MIGRATION_LIMITS['statement']}")


def try_lock(connection: Connection, name: str) -> bool:
    """Take a lock of that name until the end of the transaction; tell whether it was free, in any replica."""
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}))


def is_passing(error: DBAPIError) -> bool:
    """Tell whether to wait for the database at the start: a server that is not there yet, not one that refuses us."""
    return not any(words in str(error.orig) for words in (*_REFUSALS, _MISSING)) and (
        error.connection_invalidated or getattr(error.orig, "sqlstate", None) is None
    )


def start_error(config: Config, error: DBAPIError) -> StartError:
    """Return what keeps the service from starting, in words that say what to mend and never the password."""
    url = make_url(config.database_url)
    reason = " ".join(str(error.orig).split()) or type(error.orig).__name__
    if url.password:
        reason = reason.replace(str(url.password), "***")
    if any(words in reason for words in _REFUSALS):
        problem = f"refuses the user {url.username}: {reason}; change APP_DATABASE_URL"
    elif _MISSING in reason:
        problem = f"is not there for the user {url.username}: {reason}; create it, or change APP_DATABASE_URL"
    elif is_passing(error):
        problem = f"cannot be reached by the user {url.username}: {reason}; start it, or change APP_DATABASE_URL"
    else:
        problem = f"cannot be used by the user {url.username}: {reason}; mend that, or change APP_DATABASE_URL"
    return StartError(f"{described(config)} {problem}")


def described(config: Config) -> str:
    """Return what the database is called in a log line."""
    url = make_url(config.database_url)
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host
    return f"the database {url.database} on {host}:{url.port or 5432}"


def _engine(config: Config, limits: dict[str, int], *, poolclass: type[Pool], **pool: int) -> Engine:
    return create_engine(
        make_url(config.database_url).set(drivername="postgresql+psycopg"),
        poolclass=poolclass,
        connect_args={
            "application_name": SERVICE,
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
            "tcp_user_timeout": 10_000,  # a host that is gone must not hold a connection for the system's two hours
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
        },
        **pool,
    )
