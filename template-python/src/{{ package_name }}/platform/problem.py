"""Every error a client sees is a problem document (RFC 9457); all of them are made here."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from opentelemetry import trace
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

RETRY_SOON: Final = {"Retry-After": "1"}
# A body made to break as many rules as fit into it must not keep the event loop busy; nobody reads more than these.
MOST_ERRORS: Final = 1000
AT_CAPACITY: Final = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"

# Phrases of RFC 9110; Python 3.12 still has those of RFC 7231 for these two.
_TITLES: Final = {413: "Content Too Large", 422: "Unprocessable Content"}


class Problem(HTTPException):
    """An error with its problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "about:blank",
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """Make a problem; `errors` has an entry for each broken rule."""
        super().__init__(status, detail, headers)
        self.kind = kind
        self.errors = errors


def at_capacity() -> Problem:
    """Return the answer to a request that there is no room for."""
    detail = "The service is at capacity; try again later."
    return Problem(503, detail, kind=AT_CAPACITY, headers=RETRY_SOON)


def document(problem: Problem, instance: str, trace_id: str) -> bytes:
    """Return the problem document as JSON."""
    members: dict[str, Any] = {
        "type": problem.kind,
        "title": _TITLES.get(problem.status_code) or HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": problem.detail,
        "instance": instance,
        "trace_id": trace_id,
    }
    if problem.errors:
        members["errors"] = problem.errors
    return json.dumps(members).encode()


def trace_id() -> str:
    """Return the trace id of the current request: 32 hexadecimal digits."""
    return trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)


def respond(scope: Scope, problem: Problem) -> Response:
    """Return the response to a request that ended in a problem."""
    asked = scope.get("raw_path") or scope["path"]  # as it came, not as it was understood
    instance = quote(asked, safe="/:@!$&'()*+,;=~-._%")
    content = document(problem, instance, trace_id())
    return Response(content, problem.status_code, problem.headers, media_type="application/problem+json")


def register(app: FastAPI) -> None:
    """Answer every error of the application, the framework's own included, with a problem document."""

    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        return respond(request.scope, error if isinstance(error, Problem) else _of_framework(app, request, error))

    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        detail = "The request breaks the contract; see errors."
        broken = [_violation(entry) for entry in error.errors()[:MOST_ERRORS]]
        return respond(request.scope, Problem(422, detail, errors=broken))

    app.exception_handler(HTTPException)(on_http_exception)
    app.exception_handler(RequestValidationError)(on_invalid)


def _of_framework(app: FastAPI, request: Request, error: HTTPException) -> Problem:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Problem(404, "There is no such resource.")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = {"Allow": ", ".join(_methods_of(app, request.scope))}
        return Problem(405, "This resource does not support the method.", headers=allow)
    return Problem(error.status_code, error.detail, headers=error.headers)


def _methods_of(app: FastAPI, scope: Scope) -> list[str]:
    """Return all methods of a path; the router itself only knows those of the first route that matches."""

    def answers(method: str) -> bool:
        return any(route.matches({**scope, "method": method})[0] is Match.FULL for route in app.routes)

    methods = [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if answers(method)]
    return [*methods, "HEAD"] if "GET" in methods else methods


def _violation(entry: Mapping[str, Any]) -> dict[str, str]:
    """Turn a place such as ("body", "items", 0, "sku") into a JSON pointer (RFC 6901), or name the parameter."""
    source, *place = entry["loc"]
    detail = str(entry["msg"]).removeprefix("Value error, ")
    if source != "body":
        return {"parameter": str(place[0]), "detail": detail}
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return {"pointer": "/".join(["#", *steps]), "detail": detail}
