"""uvicorn's HTTP protocol with what it has no setting for: slow and oversized request heads are refused."""

import asyncio
import secrets
from http import HTTPStatus
from typing import Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .logs import log
from .problem import Problem, document

HEAD_SECONDS: Final = 10.0
MAX_TARGET_BYTES: Final = 8 * 1024
MAX_HEAD_BYTES: Final = 16 * 1024


class GuardedProtocol(HttpToolsProtocol):
    """One connection. The head of each request must come whole within HEAD_SECONDS and MAX_HEAD_BYTES."""

    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(cast("asyncio.Transport", transport))  # uvloop's is none by inheritance
        self._head_begins()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._head_ends()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if getattr(self.cycle, "response_complete", True):  # nothing is being answered, so this is a new head
            self._head_begins()
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_timer and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_size()

    def on_message_begin(self) -> None:
        """Begin to read a head."""
        super().on_message_begin()
        self._head_begins()

    def on_headers_complete(self) -> None:
        """Pass the request on, unless its head is too large."""
        self._head_ends()
        if len(self.url) > MAX_TARGET_BYTES or self._size_of_headers() > MAX_HEAD_BYTES:
            self._refuse_size()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, unless the request was refused."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of the request, unless it was refused."""
        if not self.transport.is_closing():
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._refuse(400, msg)

    def _size_of_headers(self) -> int:
        return sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)

    def _refuse_size(self) -> None:
        if len(self.url) > MAX_TARGET_BYTES or not self.headers:
            self._refuse(414, f"The request target is longer than {MAX_TARGET_BYTES} bytes.")
        else:
            self._refuse(431, f"The request header fields are larger than {MAX_HEAD_BYTES} bytes.")

    def _head_begins(self) -> None:
        if self._head_timer is None:
            self._head_bytes = 0
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _head_ends(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: int, detail: str) -> None:
        """Answer without the application: there is no request yet that it could be handed."""
        trace_id = secrets.token_hex(16)
        log.info("request refused", extra={"trace_id": trace_id, "status": status})
        content = document(Problem(status, detail), "/", trace_id)
        head = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "content-type: application/problem+json",
            f"content-length: {len(content)}",
            f"x-trace-id: {trace_id}",
            "x-content-type-options: nosniff",
            "connection: close",
        ]
        self.transport.write("\r\n".join([*head, "", ""]).encode() + content)
        self.transport.close()
