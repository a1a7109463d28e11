"""The dependency of the service under test: a small server that can be slow, fail, vanish, and remembers who called."""

import select
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .wire import HOST

EVERY = 0.02  # seconds between two looks at whether the caller has gone


@dataclass
class Call:
    """One request that arrived."""

    path: str
    headers: Mapping[str, str]  # by lower-case name
    arrived: float = field(default_factory=time.monotonic)
    left_after: float | None = None  # seconds until the caller closed without waiting for the answer


class Upstream:
    """The server. Its attributes may be changed while it runs."""

    def __init__(self, body: str) -> None:
        """Listen on a free port, and answer each request with `body`."""
        self.body = body.encode()
        self.delay = 0.0  # seconds
        self.failing = 0  # how many of the next requests get a 503; -1 for all
        self.calls: list[Call] = []
        self.port = 0
        self._server: _Server | None = None
        self.open()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}/price"

    def open(self) -> None:
        """Listen, on the same port as before."""
        self._server = _Server(self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections from now on, and break off those that are open."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.break_off()
        self._server = None

    def reset(self) -> None:
        """Be fast and healthy again, with nothing remembered."""
        if self._server is None:
            self.open()
        self.delay, self.failing = 0.0, 0
        self.calls = []


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 512

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.open_sockets: set[socket.socket] = set()
        super().__init__((HOST, upstream.port), _Handler)

    def break_off(self) -> None:
        for connection in list(self.open_sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a caller that leaves is what is being looked at."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.open_sockets.add(self.connection)

    def finish(self) -> None:
        self.server.open_sockets.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        upstream = self.server.upstream
        call = Call(self.path, {name.lower(): value for name, value in self.headers.items()})
        upstream.calls.append(call)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._patiently(call, upstream.delay):
            return
        failing = upstream.failing != 0
        if upstream.failing > 0:
            upstream.failing -= 1
        self.send_response(503 if failing else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(upstream.body)))
        self.end_headers()
        self.wfile.write(upstream.body)

    def do_POST(self) -> None:
        self.do_GET()

    def _patiently(self, call: Call, seconds: float) -> bool:
        """Wait; return False as soon as the caller has gone."""
        while (passed := time.monotonic() - call.arrived) < seconds:
            readable, _, _ = select.select([self.connection], [], [], min(EVERY, seconds - passed))
            if readable and not self._peek():
                call.left_after = time.monotonic() - call.arrived
                self.close_connection = True
                return False
        return True

    def _peek(self) -> bytes:
        try:
            return bytes(self.connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return b""

    def log_request(self, code: object = "", size: object = "") -> None:
        """Stay silent."""
