"""The life of the process: starting, serving, draining, gone. Readiness is read from here, signals are written here."""

import asyncio
import os
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final, Literal

from starlette.types import Scope

from .logs import say_from_signal_handler

type Status = Literal["ok", "starting", "draining", "unavailable"]

# make and a process group both hand one Ctrl-C on, so that it arrives twice: a repeat this soon is the same signal.
SAME_SIGNAL_SECONDS: Final = 0.2


class StartError(Exception):
    """The service cannot start; the text names what to mend."""


class Lifecycle:
    """What the process is doing. The flags are read from the admin thread too, so each is one plain assignment."""

    def __init__(self) -> None:
        """Begin as starting."""
        self.started = False
        self.usable = True
        """Whether what the service stands on is as this build expects it."""
        self.draining = False
        self._first_signal: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    @property
    def status(self) -> Status:
        """What readiness says."""
        if self.draining:
            return "draining"
        if not self.started:
            return "starting"
        return "ok" if self.usable else "unavailable"

    @property
    def serving(self) -> bool:
        """Whether requests can be worked on; true during the drain."""
        return self.started and self.usable

    def listen_to_signals(self) -> None:
        """Take SIGTERM and SIGINT from now on, also while the event loop is not running yet."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    async def stop_requested(self) -> None:
        """Wait for the first signal."""
        self._loop = asyncio.get_running_loop()
        if self.draining:
            return
        await self._stop.wait()

    def request_stop(self) -> None:
        """Begin the drain: readiness is 503 from here on."""
        self.draining = True
        if self._loop:
            self._loop.call_soon_threadsafe(self._stop.set)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first_signal is None:
            self._first_signal = now
            self.request_stop()
        elif now - self._first_signal > SAME_SIGNAL_SECONDS:
            say_from_signal_handler("second signal, leaving at once")
            os._exit(1)


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A request that is being answered."""

    scope: Scope
    task: asyncio.Task[object] | None
    began: float = field(default_factory=time.monotonic)

    @property
    def route(self) -> str:
        """The template of its path, empty while no route is chosen."""
        return getattr(self.scope.get("route"), "path", "")

    @property
    def age(self) -> float:
        """How long it has been going on, in seconds."""
        return time.monotonic() - self.began


class InFlight:
    """The requests that are being answered."""

    def __init__(self) -> None:
        """Begin with none."""
        self.requests: set[Request] = set()

    @contextmanager
    def entered(self, scope: Scope) -> Generator[Request]:
        """Hold a request while it is being answered."""
        request = Request(scope, asyncio.current_task())
        self.requests.add(request)
        try:
            yield request
        finally:
            self.requests.discard(request)
