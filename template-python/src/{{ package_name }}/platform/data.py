"""The database and what stands on it: its schema, the keys of idempotency, the outbox; started and stopped together."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from . import outbox
from .config import Config
from .database import Database
from .health import CHECK_SECONDS
from .idempotency import Idempotency
from .lifecycle import Lifecycle
from .logs import log
from .outbound import Outbound
from .problem import Problem
from .relay import Relay
from .schema import Schema, current_version
from .telemetry import Telemetry
from .webhooks import Webhooks

SCHEMA_CHECK_SECONDS: Final = 1.0
FORGET_SECONDS: Final = 60.0
# Of the time of the shutdown the relay gets this much at most: what it does not send another process sends later.
MOST_RELAY_SECONDS: Final = 5.0


class Data:
    """Everything that is kept."""

    def __init__(self, config: Config, migrations: str, telemetry: Telemetry, outbound: Outbound) -> None:
        """Put the parts together; nothing is opened yet."""
        publisher = Webhooks(config, outbound)
        self.schema = Schema(config, migrations)
        self.database = Database(config, telemetry)
        self.idempotency = Idempotency(self.database, config.idempotency_ttl_seconds)
        self.relay = Relay(self.database, publisher, telemetry)
        self._destinations = publisher.destinations
        self._migrates = config.env == "development"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def record(self, connection: Connection, aggregate: str, kind: str, data: Mapping[str, Any]) -> None:
        """Write an event in the transaction of the change that it tells of; see outbox.py. Then call `relay.wake`."""
        outbox.add(connection, self._destinations, aggregate, kind, data)

    def reachable(self) -> bool:
        """Tell whether the database answers and has a schema; this blocks, and is asked from another thread."""
        if not self._loop:
            return False
        reading = asyncio.run_coroutine_threadsafe(self.database.read(current_version), self._loop)
        try:
            return bool(reading.result(CHECK_SECONDS))
        except (Problem, TimeoutError):
            reading.cancel()
            return False

    async def start(self, lifecycle: Lifecycle) -> None:
        """Open the database, migrate it in development, and keep `lifecycle` true to its schema from now on."""
        await asyncio.to_thread(self.schema.migrate if self._migrates else self.schema.reach)
        self._loop = asyncio.get_running_loop()
        told = await self._check_schema(lifecycle, told="")
        for work in (self._watch_schema(lifecycle, told), self._forget_keys()):
            self._tasks.append(asyncio.create_task(work))
        self.relay.start()

    async def stop(self, seconds: float) -> None:
        """Send the events that are due, for so many seconds at most."""
        await self.relay.stop(min(seconds, MOST_RELAY_SECONDS))

    async def close(self) -> None:
        """End everything and close all connections."""
        await self.relay.stop(0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.database.close)

    async def _watch_schema(self, lifecycle: Lifecycle, told: str) -> None:
        """Look again and again, so that a migration beside us makes us ready without a restart."""
        while True:
            await asyncio.sleep(SCHEMA_CHECK_SECONDS)
            told = await self._check_schema(lifecycle, told)

    async def _check_schema(self, lifecycle: Lifecycle, told: str) -> str:
        """Return what was last told to be wrong. A database that is away says nothing about its schema."""
        try:
            problem = await self.database.read(self.schema.unfit)
        except Problem:
            return told
        lifecycle.usable = not problem
        if problem and problem != told:
            log.error("not ready: %s", problem)
        return problem

    async def _forget_keys(self) -> None:
        while True:
            await asyncio.sleep(FORGET_SECONDS)
            try:
                await self.idempotency.forget_expired()
            except Problem:  # the database has logged why
                continue
