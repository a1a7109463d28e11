"""What every public request gets, whatever becomes of it: trace id, safe headers, an answer, one access line."""

import asyncio
from collections.abc import Collection
from typing import Final

from opentelemetry import trace
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import problem
from .exchange import Exchange
from .lifecycle import InFlight, Lifecycle, Request
from .logs import log

# What access logs write for a client that left before its answer; no client ever sees it.
CLIENT_LEFT: Final = 499


class Edge:
    """The outermost ASGI middleware of the public listener."""

    def __init__(self, app: ASGIApp, *, lifecycle: Lifecycle, in_flight: InFlight, quiet: Collection[str]) -> None:
        """Wrap `app`; requests to the paths in `quiet` leave no access line."""
        self._app = app
        self._lifecycle = lifecycle
        self._in_flight = in_flight
        self._quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        is_head = scope["method"] == "HEAD"
        exchange = Exchange(scope, receive, send)
        answer = _Answer(exchange.send, closing=self._lifecycle.draining, without_body=is_head)
        inner = {**scope, "answer_headers": answer.headers, "method": "GET" if is_head else scope["method"]}
        with self._in_flight.entered(inner) as request:
            await self._answer(request, exchange.receive, answer)
        if scope["path"] not in self._quiet:
            _write_access_line(scope["method"], request, answer)

    async def _answer(self, request: Request, receive: Receive, answer: "_Answer") -> None:
        scope = request.scope
        try:
            await self._app(scope, receive, answer.send)
        except problem.Problem as refusal:
            await answer.end_with(scope, receive, refusal)
        except ClientDisconnect:  # while it sent its request
            pass
        except asyncio.CancelledError:
            # Only the end of the shutdown time cancels a request from outside; see service.py.
            await answer.end_with(scope, receive, problem.Problem(503, "The service is stopping; try again."))
        except Exception as error:
            log.exception("request failed", extra={"route": request.route})
            trace.get_current_span().record_exception(error)
            detail = "Something went wrong on our side; the trace id finds it in our logs."
            await answer.end_with(scope, receive, problem.Problem(500, detail))


class _Answer:
    """Sends the response, with the headers that all have, and remembers what was sent."""

    def __init__(self, send: Send, *, closing: bool, without_body: bool) -> None:
        self._send = send
        self._without_body = without_body
        self.headers = [(b"x-trace-id", problem.trace_id().encode()), (b"x-content-type-options", b"nosniff")]
        if closing:  # so that clients open their next connection to another replica
            self.headers.append((b"connection", b"close"))
        self.status = CLIENT_LEFT
        self.bytes = 0
        self._began = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._began = True
            self.status = message["status"]
            message = {**message, "headers": [*message["headers"], *self.headers]}
        elif not self._without_body:
            self.bytes += len(message.get("body", b""))
        await self._send(message)

    async def end_with(self, scope: Scope, receive: Receive, failure: problem.Problem) -> None:
        """Answer with a problem. An answer that has begun stays unfinished, and the server then breaks it off."""
        if not self._began:
            await problem.respond(scope, failure)(scope, receive, self.send)


def _write_access_line(method: str, request: Request, answer: _Answer) -> None:
    fields = {
        "method": method,
        "route": request.route,
        "status": answer.status,
        "duration_ms": round(request.age * 1000, 3),
        "bytes": answer.bytes,
    }
    log.info("request", extra=fields)
