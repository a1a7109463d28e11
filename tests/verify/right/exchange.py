"""What comes in and what goes back: requests, answers, problem details."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from .faults import planted
from .trace import Trace, continued

JSON, PROBLEM, TEXT = "application/json", "application/problem+json", "text/plain; version=0.0.4"
NO_CONTENT = {204, 304}
LEFT = 499  # what the log calls a request whose client has gone; never sent


@dataclass(frozen=True)
class Request:
    """A request that has come in."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]  # by lower-case name
    remote: str
    trace: Trace
    body: bytes = b""

    @property
    def close(self) -> bool:
        """Whether it is the last one of its connection."""
        return self.headers.get("connection", "").lower() == "close"

    @property
    def parameters(self) -> Mapping[str, str]:
        """The query's parameters, each with its last value."""
        return {name: values[-1] for name, values in parse_qs(self.query, keep_blank_values=True).items()}


@dataclass(frozen=True)
class Answer:
    """What goes back. A text goes as it stands, anything else as JSON, None as nothing at all."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON

    def traced(self, trace: Trace) -> "Answer":
        """Return it with the trace that it belongs to."""
        told = {**self.body, "trace_id": trace.trace_id} if self.media_type == PROBLEM else self.body
        return replace(self, body=told, headers={**self.headers, "X-Trace-Id": trace.trace_id})

    @property
    def content(self) -> bytes:
        """What stands after its head."""
        if self.body is None or self.status in NO_CONTENT:
            return b""
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    def encoded(self, *, close: bool, bodiless: bool = False) -> bytes:
        """Return it as it goes over the wire."""
        content = self.content
        headers = {"Content-Type": self.media_type} if content else {}
        headers |= {"Content-Length": str(len(content)), **self.headers}
        headers["Connection"] = "close" if close else "keep-alive"
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        head = "\r\n".join([*lines, "", ""]).encode()
        return head if bodiless else head + content


def problem(
    status: int, detail: str = "", errors: Sequence[Mapping[str, str]] = (), headers: Mapping[str, str] | None = None
) -> Answer:
    """Return problem details."""
    told: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    told |= {"detail": detail} if detail else {}
    told |= {"errors": list(errors)} if errors else {}
    if planted("E2-member") and status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        del told["title"]
    if planted("E2-text") and status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        return Answer(status, "too large", media_type="text/plain")
    sent = HTTPStatus.OK if planted("E2-200") and status == HTTPStatus.METHOD_NOT_ALLOWED else status
    return Answer(sent, told, headers or {}, PROBLEM)


class RefusedError(Exception):
    """A request that cannot be read: the answer that ends the connection, none to end it at once."""

    def __init__(self, status: int) -> None:
        """Make the answer."""
        super().__init__(str(status))
        self.answer = problem(status) if status else None


def parsed(head: str, remote: str) -> Request:
    """Read a head. Raises RefusedError."""
    line, *fields = head.split("\r\n")[:-2]
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or any(":" not in text for text in fields):
        raise RefusedError(400)
    headers = {name.strip().lower(): value.strip() for name, _, value in (text.partition(":") for text in fields)}
    path, _, query = words[1].partition("?")
    return Request(words[0], path, query, headers, remote, continued(headers))
