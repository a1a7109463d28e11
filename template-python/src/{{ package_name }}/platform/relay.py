"""The relay: takes events out of the outbox to a publisher, at least once, in order for each aggregate."""

import asyncio
import random
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final, Protocol

from sqlalchemy import Connection

from . import outbox
from .database import Database
from .logs import log
from .outbox import Event, Waiting
from .problem import Problem
from .telemetry import Telemetry

AT_ONCE: Final = 32
LOOK_SECONDS: Final = 1.0
# The pause after a failure doubles from 1 s to 60 s; a half of it is drawn, so that receivers are not asked in waves.
MOST_BACK_OFF_SECONDS: Final = 60.0
MOST_DOUBLINGS: Final = 6
_random: Final = random.SystemRandom()


class PublishError(Exception):
    """An event was not taken; the text says why, for the log."""


class Publisher(Protocol):
    """Where events go."""

    @property
    def destinations(self) -> Collection[str]:
        """One copy of each event is for each of these."""
        ...

    @property
    def seconds(self) -> float:
        """How long one attempt may take."""
        ...

    async def publish(self, event: Event) -> None:
        """Hand an event over. Raises PublishError where it was not taken."""
        ...


class Relay:
    """The loop that sends. Replicas run it side by side; each event is with one of them at a time."""

    def __init__(self, database: Database, publisher: Publisher, telemetry: Telemetry) -> None:
        """Send what is in the outbox of `database`; nothing is started yet."""
        self._database = database
        self._publisher = publisher
        self._lease_seconds = max(outbox.LEASE_SECONDS, publisher.seconds + 10)
        self._under_way: dict[asyncio.Task[None], Event] = {}
        self._look = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._waiting = Waiting()
        self._next_measure = 0.0
        outcomes = ("delivered", "failed")
        self._count = telemetry.counter("app.outbox.deliveries", "Attempts to send an event", "outcome", outcomes)
        telemetry.gauge("app.outbox.lag", "Events that wait to be sent", lambda: self._waiting.events)
        telemetry.gauge("app.outbox.oldest.seconds", "Age of the oldest of them", lambda: self._waiting.oldest_seconds)

    def start(self) -> None:
        """Begin."""
        self._loop = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Look now: something was committed. Without receivers there were no events in it."""
        if self._publisher.destinations:
            self._look.set()

    async def stop(self, seconds: float) -> None:
        """Send what is due for so long, then give back what is under way."""
        if not self._loop:
            return
        self._stopping = True
        self._look.set()
        await asyncio.wait({self._loop}, timeout=seconds)
        left = dict(self._under_way)
        for task in (self._loop, *left):
            task.cancel()
        await asyncio.gather(self._loop, *left, return_exceptions=True)
        if left:
            await self._write(outbox.postpone, [event.row for event in left.values()], 0.0)

    async def _run(self) -> None:
        while True:
            self._look.clear()
            # Asked before it looks: what is delivered during the look lets the next of its aggregate become due.
            is_last = self._stopping and not self._under_way
            claimed = await self._claim()
            for event in claimed:
                task = asyncio.create_task(self._deliver(event))
                self._under_way[task] = event
                task.add_done_callback(self._on_delivered)
            if is_last and not claimed:
                return
            await self._measure()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look.wait()

    def _on_delivered(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._look.set()

    async def _measure(self) -> None:
        if time.monotonic() >= self._next_measure:
            self._next_measure = time.monotonic() + LOOK_SECONDS
            with suppress(Problem):
                self._waiting = await self._database.read(outbox.waiting)

    async def _claim(self) -> list[Event]:
        room = AT_ONCE - len(self._under_way)
        try:
            return await self._database.write(outbox.claim, room, self._lease_seconds) if room else []
        except Problem:  # the database has logged why; it is tried again at the next look
            return []
        except Exception:
            log.exception("the outbox cannot be read")
            return []

    async def _deliver(self, event: Event) -> None:
        if event.destination not in self._publisher.destinations:
            told = {"event": event.event_id, "destination": event.destination.partition("?")[0]}
            log.warning("an event was dropped: its receiver is not configured any more", extra=told)
            await self._write(outbox.forget, event)
            return
        try:
            await self._publisher.publish(event)
        except Exception as error:  # also of a publisher that has a fault: the next attempt comes all the same
            self._count("failed")
            is_fault = not isinstance(error, PublishError)
            failure = {"event": event.event_id, "attempt": event.attempts, "reason": str(error)}
            log.warning("an event was not delivered", extra=failure, exc_info=is_fault)
            await self._write(outbox.postpone, [event.row], back_off_seconds(event.attempts))
        else:
            self._count("delivered")
            await self._write(outbox.forget, event)

    async def _write[*A](self, work: Callable[[Connection, *A], None], *args: *A) -> None:
        """Write what became of an event. Where the database is away its lease ends by itself, and it is sent again."""
        with suppress(Problem):
            await self._database.write(lambda connection: work(connection, *args))


def back_off_seconds(attempts: int) -> float:
    """Return how long to wait after so many attempts."""
    longest = min(MOST_BACK_OFF_SECONDS, 2.0 ** min(attempts - 1, MOST_DOUBLINGS))
    return _random.uniform(longest / 2, longest)
