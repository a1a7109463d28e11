"""uvicorn's HTTP protocol with what it has no setting for: slow and oversized request heads, unread answers."""

import asyncio
import secrets
from http import HTTPStatus
from typing import Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .logs import log
from .problem import Problem, document

# A new connection may be silent for a moment; once a head has begun, it has to be complete soon.
SILENT_SECONDS: Final = 10.0
HEAD_SECONDS: Final = 5.0
# For this long a client may leave us sitting on an answer that it does not read.
UNREAD_SECONDS: Final = 30.0
# After a refusal what is still on its way is thrown away, since unread bytes would reset the connection.
LINGER_SECONDS: Final = 1.0
MAX_TARGET_BYTES: Final = 8 * 1024
MAX_HEAD_BYTES: Final = 16 * 1024


class GuardedProtocol(HttpToolsProtocol):
    """One connection. Heads have to come in time and within MAX_HEAD_BYTES; answers have to be read in time."""

    _silent_timer: asyncio.TimerHandle | None = None
    _head_timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(cast("asyncio.Transport", transport))  # uvloop's is none by inheritance
        self._silent_timer = self.loop.call_later(SILENT_SECONDS, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._silence_ends()
        self._head_ends()
        self._stop_waiting_for_reader()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._refused:
            return
        self._silence_ends()
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
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of the request, unless it was refused."""
        if not self._refused:
            super().on_message_complete()

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        self._stop_waiting_for_reader()

    def on_response_complete(self) -> None:
        """End the wait for a client that leaves the last of an answer unread, where the connection ends with it."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._wait_for_reader()

    def timeout_keep_alive_handler(self) -> None:
        """End an idle connection, also one whose last answer was never read."""
        self.transport.abort()

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

    def _silence_ends(self) -> None:
        if self._silent_timer:
            self._silent_timer.cancel()
            self._silent_timer = None

    def _head_begins(self) -> None:
        if not self._head_timer:
            self._head_bytes = 0
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _head_ends(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def _wait_for_reader(self) -> None:
        self._stop_waiting_for_reader()
        self._unread_timer = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def _stop_waiting_for_reader(self) -> None:
        if self._unread_timer:
            self._unread_timer.cancel()
            self._unread_timer = None

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
        self._refused = True
        self._head_ends()
        self.transport.write("\r\n".join([*head, "", ""]).encode() + content)
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)
