"""Gives each start of a service a database of its own: a file, or one on a PostgreSQL server that the suite runs."""

import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from signal import SIGTERM
from typing import Any

from trivium.errors import UserError

from . import ports, process
from .database import SUPERUSER, USER, Database, Postgres, Sqlite, driver
from .service_file import ServiceFile
from .wire import HOST

SAYS_READY = "postgresql://"  # how the line begins by which a server says so
START_SECONDS, STOP_SECONDS = 60.0, 15.0
REACHABLE = 0o711  # a folder that the server's user may pass through; run by root, the server is another user
KEPT_FOR_AN_ERROR = 3  # lines of output in a sentence


class Server:
    """A PostgreSQL server: the command of the service file, in a folder and on a port that are held for the run."""

    def __init__(self, service: ServiceFile) -> None:
        """Do not start it yet. Raises UserError where nothing can talk to it."""
        driver()
        self._service = service
        self._open = ExitStack()
        self._process: process.Process | None = None
        self._folder: Path | None = None
        self.port = self._open.enter_context(ports.reserved())

    def start(self) -> None:
        """Start it, unless it runs, and wait until it is ready. Raises UserError."""
        if self._process is not None and self._process.running:
            return
        if self._folder is None:
            self._folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="trivium-verify-")))
            self._folder.chmod(REACHABLE)
        places = {"database_folder": self._folder / "data", "database_port": self.port, "database_user": USER}
        words = [word.format(**places, folder=self._service.folder) for word in self._service.get("database.server")]
        base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = base | {"TMPDIR": str(self._folder)}  # what it leaves there goes with the folder
        self._process = process.Process(words, self._service.folder, environment)
        end = time.monotonic() + START_SECONDS
        while not any(line.startswith(SAYS_READY) for line in self._process.output()):
            if not self._process.running or time.monotonic() > end:
                said = " ".join(self._process.output()[-KEPT_FOR_AN_ERROR:])
                self.stop()
                raise UserError(f"The database server ({' '.join(words)}) did not start; it said: {said or 'nothing'}.")
            time.sleep(0.02)
        # A slow disk shall not decide a check. What was acknowledged is out of every process by then; only a loss of
        # power could take it away.
        Postgres(self.port, SUPERUSER).execute("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")

    def stop(self) -> None:
        """Stop it, as an operator would; then nothing of it is left."""
        if self._process is not None:
            self._process.send(SIGTERM)
            self._process.wait(STOP_SECONDS)
            self._process.end()
            self._process = None

    def close(self) -> None:
        """Stop it, and remove its data."""
        try:
            self.stop()
        finally:
            self._open.close()


class Databases:
    """What the service file says of the database, and one for each start."""

    def __init__(self, service: ServiceFile) -> None:
        """Start nothing yet."""
        self.kind: str = service.get("database.kind", "")
        self.server = Server(service) if self.kind == "postgres" else None
        self._numbers = count(1)

    def close(self) -> None:
        """End the server, if there is one."""
        if self.server:
            self.server.close()

    def places(self, scratch: Path) -> dict[str, Any]:
        """Return what a start has to be told of the database that it may have."""
        if self.server:
            name = f"verify_{next(self._numbers)}"
            return {
                "database_url": f"postgresql://{USER}@{HOST}:{self.server.port}/{name}",
                "database_port": self.server.port,
                "database_name": name,
                "database_user": USER,
            }
        file = scratch / "database.db"
        return {"database_url": f"sqlite:///{file}", "database_name": file, "database_port": "", "database_user": ""}

    def of(self, places: Mapping[str, Any]) -> Database:
        """Return the database of a start."""
        if self.server:
            return Postgres(self.server.port, places["database_name"])
        return Sqlite(places["database_name"])

    def server_of(self, database: Database) -> Postgres:
        """Return a database of the server as what it is. Raises TypeError for another."""
        if not isinstance(database, Postgres):
            raise TypeError(database)
        return database

    def create(self, places: Mapping[str, Any]) -> None:
        """Make the database of a start, empty, where the service has one. Raises UserError."""
        if self.server:
            self.server.start()
        if self.kind:
            self.of(places).create()
