"""Who may come in: so many requests run, so many wait for a short time, all others are refused; and the rate limit."""

import asyncio
import os
import sys
import threading
from collections import deque

from .faults import planted

WINDOW = 60  # seconds of the rate limit
MOST_LEFT = 50


class OverloadedError(Exception):
    """There is no room."""


def leave_behind() -> None:
    """Leave behind what a fault leaves."""
    if planted("B1-descriptors"):
        os.dup(sys.stdout.fileno())
    else:
        threading.Thread(target=threading.Event().wait, args=(60,), daemon=True).start()


class Admission:
    """The places of the requests that run and of those that wait."""

    def __init__(self, running: int, queued: int, patience: float) -> None:
        """Be empty."""
        self._most, self._most_queued, self._patience = running, queued, patience
        self.running = 0
        self.shed = 0
        self._waiting = deque[asyncio.Future[None]]()

    @property
    def full(self) -> bool:
        """Whether every place is taken."""
        return self.running >= self._most * (2 if planted("B1-double") else 1)

    @property
    def queued(self) -> int:
        """How many wait."""
        return len(self._waiting)

    async def enter(self) -> None:
        """Take a place, or wait for one. Raises OverloadedError."""
        try:
            await self._enter()
        except OverloadedError:
            self.shed += 1
            if self.shed <= MOST_LEFT and (planted("B1-threads") or planted("B1-descriptors")):
                leave_behind()
            raise

    async def _enter(self) -> None:
        if not self.full:
            self.running += 1
            return
        if self.queued >= self._most_queued and not planted("C1-queues"):
            raise OverloadedError
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(None if planted("C1-queues") else self._patience):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave()  # its turn came in the same moment
            elif turn in self._waiting:  # else leave() has passed over it already
                self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise OverloadedError from error
            raise

    def leave(self) -> None:
        """Give a place to the next who waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1


class RateLimit:
    """So many requests of each principal in a window that begins with its first one."""

    def __init__(self, quota: int) -> None:
        """Zero is no limit."""
        self.quota = quota
        self.exhausted = False
        self._used = dict[str, tuple[float, int]]()  # when the window began, and how many came since

    def allows(self, principal: str, now: float) -> bool:
        """Count one request."""
        if not self.quota or planted("C8-none"):
            return True
        begun, used = self._used.get(principal, (now, 0))
        if now - begun >= WINDOW:
            begun, used = now, 0
        self._used[principal] = begun, used + 1
        self.exhausted = used >= self.quota - planted("C8-stingy")
        return not self.exhausted

    def fields(self, principal: str, now: float) -> dict[str, str]:
        """Return what a refusal tells."""
        rest = max(1, round(self._used[principal][0] + WINDOW - now))
        told = {"Retry-After": str(rest), "RateLimit-Policy": f'"default";q={self.quota};w={WINDOW}'}
        return told if planted("C8-mute") else {**told, "RateLimit": f'"default";r=0;t={rest}'}
