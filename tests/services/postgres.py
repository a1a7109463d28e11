"""A PostgreSQL of one's own for the tests, by the script that every rendered service on PostgreSQL has."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from services.running import clean_environment


class Server:
    """A running server, and databases on it."""

    def __init__(self, url: str) -> None:
        """Know the server by the URL that the script printed, whose user is a superuser."""
        self.url = url
        self._made = 0

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self._made += 1
        base, _, _ = self.url.rpartition("/")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE fresh_{self._made}".encode())
        return f"{base}/fresh_{self._made}"


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Run the `scripts/postgres.sh` of a service while the context lasts.

    The data is in a temporary folder of its own: as root the server runs as another user, who cannot reach pytest's.
    """
    scratch = tempfile.mkdtemp(prefix="postgres-")
    process = subprocess.Popen(
        [str(folder / "scripts" / "postgres.sh"), "-D", scratch, "-p", "0", "-i"],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        url = output.readline().strip()
        assert url.startswith("postgresql://"), f"the server ended with {process.wait()}"
        try:
            yield Server(url)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
