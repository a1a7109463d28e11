"""The schema of the database: the version this build expects, the one that is there, and how to get there."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from .lifecycle import StartError

LOCK_SECONDS: Final = 30


class Schema:
    """The schema of one database. Its methods block; call them from a thread of their own."""

    def __init__(self, url: str, migrations: str) -> None:
        """Look after the database at `url`; `migrations` is the package that holds them."""
        self._url = make_url(url)
        self._alembic = AlembicConfig()
        self._alembic.set_main_option("script_location", migrations)
        self._alembic.set_main_option("path_separator", "os")
        self.expected = ScriptDirectory.from_config(self._alembic).get_current_head()

    def current(self) -> str | None:
        """Return the version that is there, or None where there is no database or no migration in it yet."""
        if not Path(self._url.database or "").exists():
            return None
        engine = create_engine(self._url, poolclass=NullPool)
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def reachable(self) -> bool:
        """Tell whether the database can be read, where this build expects anything in it."""
        try:
            return self.current() is not None or self.expected is None
        except SQLAlchemyError:
            return False

    def fits(self) -> bool:
        """Tell whether the version that is there is the one that this build expects."""
        try:
            return self.current() == self.expected
        except SQLAlchemyError:
            return False

    def migrate(self) -> None:
        """Bring the database to the expected version. Of several processes that try at once, one does; others wait."""
        self.make_folder()
        try:
            with _exclusive(self._url.render_as_string(hide_password=False)).begin() as connection:
                self._upgrade(connection)
        except SQLAlchemyError as error:
            raise self._cannot_be_opened(getattr(error, "orig", None) or type(error).__name__) from error

    def make_folder(self) -> None:
        """Create the folder of the database file. Raises StartError where there can be none."""
        try:
            Path(self._url.database or "").parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._cannot_be_opened(error.strerror) from error

    def _cannot_be_opened(self, reason: object) -> StartError:
        return StartError(f"the database {self._url.database} cannot be opened: {reason}; change APP_DATABASE_URL")

    def _upgrade(self, connection: Connection) -> None:
        self._alembic.attributes["connection"] = connection
        command.upgrade(self._alembic, "head")


def _exclusive(url: str) -> Engine:
    """Return an engine whose transactions begin with SQLite's write lock, so that migrations cannot interleave."""
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": LOCK_SECONDS, "isolation_level": None})

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
