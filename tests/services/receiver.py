"""A receiver of webhooks for the tests: it checks signatures, keeps what comes, and fails when it is told to."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET_BYTES = b"of-the-black-box-tests-0123456789"
SECRET = f"whsec_{base64.b64encode(SECRET_BYTES).decode()}"


@dataclass
class Delivery:
    """One attempt: its headers in lower case, its body, what was answered."""

    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def event(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """What names the event on every attempt."""
        return self.headers["webhook-id"]

    def is_signed(self) -> bool:
        """Tell whether the signature is as Standard Webhooks says: v1, HMAC-SHA256 of id.timestamp.body."""
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = base64.b64encode(hmac.digest(SECRET_BYTES, signed, hashlib.sha256)).decode()
        return f"v1,{wanted}" in self.headers["webhook-signature"].split()


@dataclass
class Receiver:
    """What has come so far. `answer` chooses the status of each attempt."""

    url: str = ""
    answer: Callable[[Delivery], int] = field(default=lambda _: 204)
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def accepted(self) -> list[Delivery]:
        """The attempts that were answered with success."""
        return [delivery for delivery in self.deliveries if delivery.status < 300]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port of loopback while the context lasts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            delivery = Delivery({name.lower(): value for name, value in self.headers.items()}, body, 0)
            delivery.status = receiver.answer(delivery)
            receiver.deliveries.append(delivery)
            self.send_response(delivery.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/events"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
