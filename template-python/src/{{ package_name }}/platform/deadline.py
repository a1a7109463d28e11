"""The end of a request: its deadline, or its client hanging up. Either cancels the work done for it."""

import asyncio
import re
import time
from contextvars import Context, ContextVar, copy_context
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import problem

MOST_MILLISECONDS: Final = 3_600_000
_MILLISECONDS: Final = re.compile(r"\d{1,7}", re.ASCII)
_expires: ContextVar[float] = ContextVar("expires")


def expires_at() -> float:
    """Return when the current request ends, on the clock of `time.monotonic`; infinity outside of a request."""
    return _expires.get(float("inf"))


def without_deadline() -> Context:
    """Return the present context without the deadline, for work that outlives its request."""
    context = copy_context()
    context.run(_expires.set, float("inf"))
    return context


def too_late() -> problem.Problem:
    """Return the answer to a request whose deadline has passed."""
    return problem.Problem(503, "The request did not finish in time.", headers=problem.RETRY_SOON)


class Deadline:
    """ASGI middleware that ends requests. It expects that the body is there; see body_limit.py."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        """Give each request that many seconds, from the end of its body to the end of its response."""
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a request to its end."""
        client = _Client(await receive(), receive, send)
        seconds = self._seconds_for(Headers(scope=scope))
        _expires.set(time.monotonic() + seconds)
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                await self._app(scope, client.receive, client.send)
        except TimeoutError:
            if not limit.expired():
                raise
            raise too_late() from None
        except asyncio.CancelledError:
            if not client.has_left:
                raise
            client.task.uncancel()
        finally:
            client.forget()

    def _seconds_for(self, headers: Headers) -> float:
        """Return the service's own limit, or how long the caller says that it is going to wait."""
        text = headers.get("x-request-timeout-ms", "")
        wanted = int(text) if _MILLISECONDS.fullmatch(text) else 0
        return min(self._seconds, wanted / 1000) if 1 <= wanted <= MOST_MILLISECONDS else self._seconds


class _Client:
    """Cancels the task of a request when its client leaves before the answer: only reading on shows that."""

    def __init__(self, whole: Message, receive: Receive, send: Send) -> None:
        self.task = _current_task()
        self.has_left = False
        self._unread = [whole]
        self._send = send
        self._answered = False
        self._next = asyncio.ensure_future(receive())
        self._next.add_done_callback(self._on_next)

    async def receive(self) -> Message:
        return self._unread.pop() if self._unread else await asyncio.shield(self._next)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._answered = True
        await self._send(message)

    def _on_next(self, _: asyncio.Future[Message]) -> None:
        if not self._answered and not self._next.cancelled():
            self.has_left = True
            self.task.cancel()

    def forget(self) -> None:
        self._next.remove_done_callback(self._on_next)
        self._next.cancel()


def _current_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a request is always run in a task")
    return task
