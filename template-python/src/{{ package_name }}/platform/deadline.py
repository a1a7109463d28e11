"""The end of a request: its deadline, or its client hanging up. Either cancels the work done for it."""

import asyncio
import time
from collections.abc import Callable
from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

from . import problem
from .exchange import Exchange

_expires: ContextVar[float] = ContextVar("expires")


def expires_at() -> float:
    """Return when the current request ends, on the clock of `time.monotonic`; infinity outside of a request."""
    return _expires.get(float("inf"))


def too_late() -> problem.Problem:
    """Return the answer to a request whose deadline has passed."""
    return problem.Problem(503, "The request did not finish in time.", headers=problem.RETRY_SOON)


class Deadline:
    """ASGI middleware that ends requests."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        """Give each request that many seconds, from its head to the end of its response."""
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a request to its end."""
        _expires.set(time.monotonic() + self._seconds)
        exchange = Exchange(scope, receive, send)
        watch = asyncio.create_task(exchange.watch(_canceller()))
        if exchange.has_body:
            await asyncio.sleep(0)  # lets `watch` see a body that came along with the head
        limit = asyncio.timeout(self._seconds)
        try:
            async with limit:
                await self._app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            if not limit.expired() or exchange.answered:
                raise
            await problem.respond(scope, too_late())(scope, receive, exchange.send)
        except asyncio.CancelledError:
            if not exchange.hung_up:
                raise
            _clear_cancellation()
        finally:
            watch.cancel()


def _canceller() -> Callable[[], object]:
    task = asyncio.current_task()
    return task.cancel if task else lambda: None


def _clear_cancellation() -> None:
    task = asyncio.current_task()
    if task:
        task.uncancel()
