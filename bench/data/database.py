"""A PostgreSQL of one's own, writing through to the disk, with a database for each contender."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import jinja2
import psycopg
from bench.peers.fetch import UnavailableError
from psycopg import sql

from .build import ROOT

SCRIPT = ROOT / "common" / "scripts" / "postgres.sh"
SCHEMA = ("platform", "orders", "orders_of_customer")  # the migrations of the rendered services, in their order
STOP_SECONDS = 60
CONNECTIONS = 300  # those of all contenders together


class Server:
    """A running server."""

    def __init__(self, address: str) -> None:
        """Know it by HOST:PORT."""
        self._address = address

    def version(self) -> str:
        """Return the server's version."""
        with psycopg.connect(self._url("postgres", "postgres")) as connection:
            return str(connection.info.parameter_status("server_version")).split()[0]

    def admit(self, connections: int) -> None:
        """Let in so many connections, from the next start on."""
        with psycopg.connect(self._url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER SYSTEM SET max_connections = {}").format(connections))

    def new_database(self, name: str) -> str:
        """Make an empty database with an owner of the same name; return its URL."""
        with psycopg.connect(self._url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(name)))
        return self._url(name, name)

    def _url(self, user: str, name: str) -> str:
        return f"postgresql://{user}@{self._address}/{name}"


@contextmanager
def running(scratch: Path) -> Iterator[Server]:
    """Run a server with its data in a scratch folder while the context lasts. Raises UnavailableError."""
    with _started(scratch) as server:
        server.admit(CONNECTIONS)
    with _started(scratch) as server:  # it takes that at its start only
        yield server


@contextmanager
def _started(scratch: Path) -> Iterator[Server]:
    script = scratch / SCRIPT.name
    script.write_text(_rendered(SCRIPT), encoding="utf-8")
    process = subprocess.Popen(
        ["sh", str(script), "-D", str(scratch / "postgres"), "-p", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url.startswith("postgresql://"):
            raise UnavailableError("no database", "PostgreSQL does not start; its script says why, above.")
        yield Server(url.partition("@")[2].partition("/")[0])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def make_schema(url: str) -> None:
    """Give a database the tables of the rendered services."""
    with psycopg.connect(url) as connection:
        for statement in schema():
            connection.execute(statement.encode())


def schema() -> Sequence[str]:
    """Return the statements that make the tables."""
    return [_rendered(ROOT / "common" / "db" / f"{name}.sql") for name in SCHEMA]


def _rendered(path: Path) -> str:
    template = jinja2.Template(path.read_text(encoding="utf-8"))
    return str(template.render(database="postgres", service_name="bench"))
