"""HTTP as a client sees it, one connection a request, and the sockets of clients that behave badly."""

import http.client
import json
import select
import socket
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .service_file import Request

HOST = "127.0.0.1"
LONGEST_ANSWER = 4_000_000


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took in seconds."""

    status: int
    headers: Mapping[str, str]  # by lower-case name
    body: bytes
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300

    def __str__(self) -> str:
        """Describe it in a word."""
        return str(self.status)


class NoAnswerError(Exception):
    """Why nothing came back: refused, reset, silence."""

    def __init__(self, reason: str, seconds: float) -> None:
        """Keep the reason and how long it took."""
        super().__init__(reason)
        self.seconds = seconds

    ok = False
    status = 0


def ask(
    port: int,
    request: Request,
    *,
    seconds: float = 10,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Answer:
    """Send one request, with `content` instead of its body, and read the whole answer. An empty header is left out.

    Raises NoAnswerError.
    """
    begun = time.monotonic()
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
    own = {"Connection": "close", **({"Content-Type": request.content_type} if request.body else {})}
    sent = {name: value for name, value in (own | dict(headers or {})).items() if value}
    try:
        body = request.body.encode() if content is None else content
        connection.request(request.method, request.path, body or (b"" if request.method == "POST" else None), sent)
        response = connection.getresponse()
        came = response.read(LONGEST_ANSWER)
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, came, time.monotonic() - begun)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswerError(_reason(error), time.monotonic() - begun) from error
    finally:
        connection.close()


def attempt(
    port: int,
    request: Request,
    *,
    seconds: float = 10,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Answer | NoAnswerError:
    """Send one request; return the answer, or why there is none."""
    try:
        return ask(port, request, seconds=seconds, headers=headers, content=content)
    except NoAnswerError as error:
        return error


def json_object(text: str | bytes) -> dict[str, Any] | None:
    """Return the JSON object that a text is, None when it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def problem(answer: Answer) -> dict[str, Any]:
    """Return the problem details of an answer, empty when it has none."""
    return json_object(answer.body) or {}


def _reason(error: Exception) -> str:
    match error:
        case ConnectionRefusedError():
            return "connection refused"
        case TimeoutError():
            return "no answer in time"
        case ConnectionResetError() | http.client.RemoteDisconnected() | BrokenPipeError():
            return "connection closed without an answer"
        case _:
            return f"no proper answer ({type(error).__name__})"


def accepts(port: int) -> bool:
    """Whether anything listens on a port."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def head(request: Request, extra: Mapping[str, str]) -> bytes:
    """Return the head of a request as it goes over the wire."""
    lines = [f"{request.method} {request.path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in extra.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def trickle(port: int, first: bytes, piece: bytes, every: float, seconds: float) -> tuple[float, bytes]:
    """Send `first` at once, then `piece` again and again; return when the other side closed, and what it had said.

    `piece` may be empty: a silent socket. The time is infinite when it is open after `seconds`.
    """
    begun = time.monotonic()
    said = b""
    with socket.create_connection((HOST, port), timeout=5) as client:
        client.sendall(first)
        due = begun + every
        while (now := time.monotonic()) < begun + seconds:
            readable, _, _ = select.select([client], [], [], max(0.0, min(due, begun + seconds) - now))
            try:
                if readable:
                    data = client.recv(65_536)
                    said += data
                    if not data:
                        return time.monotonic() - begun, said
                elif piece and time.monotonic() >= due:
                    client.sendall(piece)
                if time.monotonic() >= due:
                    due += every
            except OSError:
                return time.monotonic() - begun, said
    return float("inf"), said


def pour(port: int, first: bytes, pieces: Iterable[bytes], seconds: float) -> tuple[int, bytes, bool]:
    """Send `first`, then the pieces as fast as they are taken, until an answer comes.

    Return the bytes of the pieces sent, what came back, whether it closed.
    """
    deadline = time.monotonic() + seconds
    sent, said = 0, b""
    with socket.create_connection((HOST, port), timeout=5) as client:
        client.settimeout(seconds)
        with suppress(OSError):  # closed while we were sending; what it said may still be read
            client.sendall(first)
            for piece in pieces:
                if says_something(client) or time.monotonic() > deadline:
                    break
                client.sendall(piece)
                sent += len(piece)
        while time.monotonic() < deadline:
            try:
                if not select.select([client], [], [], max(0.0, deadline - time.monotonic()))[0]:
                    break
                data = client.recv(65_536)
            except OSError:
                return sent, said, True
            if not data:
                return sent, said, True
            said += data
    return sent, said, False


def says_something(client: socket.socket) -> bool:
    """Whether the other side has answered, or closed."""
    return bool(select.select([client], [], [], 0)[0])


def status_of(said: bytes) -> int:
    """Return the status of a raw answer, 0 when there is none."""
    words = said.split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/1") and words[1].isdigit() else 0
