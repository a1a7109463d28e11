"""The schema: its versions, applied one after another under a lock, and which of them this release knows."""

import threading
import time
from typing import Any

from .engines import Engine, Meaning
from .faults import planted
from .log import log

VERSION = 2
LOOKS_EVERY = 0.2  # seconds
TRIES = 50
KEYS = (
    "CREATE TABLE idempotency_keys (key TEXT PRIMARY KEY, fingerprint TEXT, status INTEGER, location TEXT, etag TEXT, "
    "body TEXT)"
)
VERSIONS = {
    1: (
        "CREATE TABLE schema_compatibility (oldest_version INTEGER NOT NULL)",
        "INSERT INTO schema_compatibility (oldest_version) VALUES (1)",
        "CREATE TABLE orders (id TEXT PRIMARY KEY, sku TEXT, customer TEXT, quantity INTEGER, version INTEGER)",
        "CREATE TABLE order_events (id TEXT PRIMARY KEY, what TEXT NOT NULL)",
    ),
    2: (KEYS,),
}
HISTORY = "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER NOT NULL)"


def migrate(engine: Engine) -> None:
    """Apply what is missing."""
    for _ in range(TRIES):
        try:
            return _migrate(engine, engine.connect())
        except engine.errors as error:
            if engine.meaning(error) is not Meaning.BUSY:  # SQLite does not wait while another one changes to WAL
                raise
            time.sleep(0.1)
    raise SystemExit(1)


def _migrate(engine: Engine, connection: Any) -> None:
    locked = not (planted("F1-unlocked") or planted("F1-again"))
    if locked:
        engine.execute(connection, engine.begin)
        engine.lock(connection)
    elif planted("F1-again"):
        time.sleep(0.5)
    applied = _applied(engine, connection)
    time.sleep(0 if locked else 1)
    for version, statements in VERSIONS.items():
        if version not in applied:
            for statement in statements:
                again = statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")
                engine.execute(connection, again if planted("F1-again") else statement)
            engine.execute(connection, "INSERT INTO schema_versions (version) VALUES (?)", (version,))
    if locked:
        engine.execute(connection, "COMMIT")


def _applied(engine: Engine, connection: Any) -> set[int]:
    engine.execute(connection, HISTORY)
    return {row[0] for row in engine.execute(connection, "SELECT version FROM schema_versions")}


class Watch:
    """Looks at the schema again and again, on a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        """Know nothing yet."""
        self._engine = engine
        self._connection: Any = None
        self._told = False
        self.fits = planted("F1-blind")

    def start(self) -> None:
        """Look from now on, until the process ends."""
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            try:
                self.fits = self._known() or planted("F1-blind")
            except self._engine.errors as error:
                self._failed(error)
            if not self.fits and not self._told:
                log("the schema is not the one that is expected; migrate it", "warning", expected=VERSION)
                self._told = True
            if planted("F1-deaf"):
                return
            time.sleep(LOOKS_EVERY)

    def _failed(self, error: Exception) -> None:
        if self._engine.meaning(error) is Meaning.AWAY or self._connection is None:
            self._connection = None  # what was known stays known
        elif self._engine.meaning(error) is Meaning.FAILED:
            self.fits = planted("F1-blind")

    def _known(self) -> bool:
        if self._connection is None:
            self._connection = self._engine.connect()
        versions = self._engine.execute(self._connection, "SELECT max(version) FROM schema_versions")
        oldest = self._engine.execute(self._connection, "SELECT oldest_version FROM schema_compatibility")
        found = versions[0][0] or 0
        if found == VERSION or planted("F2-strict"):
            return bool(found == VERSION)
        return bool(found > VERSION and (oldest[0][0] <= VERSION or planted("F2-blind")))
