"""Admission: so many requests are worked on at once, so many wait for so long, and the rest are told to come back."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from . import problem


class ShedError(Exception):
    """There is no room for a request, whoever found that out; the text is the reason, as the metric has it."""


class Slots:
    """Slots handed out first come, first served."""

    def __init__(self, slots: int, places: int, wait_seconds: float) -> None:
        """Hand out that many slots; let that many wait, each for at most `wait_seconds`."""
        self.taken = 0
        self.waiting = 0
        self._places = places
        self._wait_seconds = wait_seconds
        self._free = asyncio.Semaphore(slots)

    async def __aenter__(self) -> None:
        """Take a slot, or raise ShedError."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        self.taken += 1

    async def __aexit__(self, *_: object) -> None:
        """Give the slot back."""
        self.taken -= 1
        self._free.release()

    async def _wait(self) -> None:
        if self.waiting >= self._places:
            raise ShedError("queue_full")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise ShedError("queue_timeout") from None
        finally:
            self.waiting -= 1


class Admission:
    """ASGI middleware that lets a request pass when there is a slot for it."""

    def __init__(
        self, app: ASGIApp, *, slots: Slots, serving: Callable[[], bool], count_shed: Callable[[str], None]
    ) -> None:
        """Guard `app`; nothing passes while the service is not `serving`."""
        self._app = app
        self._slots = slots
        self._serving = serving
        self._count_shed = count_shed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or raise the Problem that sheds it."""
        if not self._serving():
            raise problem.Problem(503, "The service is not ready; try again later.", headers=problem.RETRY_SOON)
        try:
            async with self._slots:
                await self._app(scope, receive, send)
        except ShedError as shed:
            self._count_shed(str(shed))
            raise problem.at_capacity() from None
