"""The two listeners: the public one on the main thread's event loop, the admin one on a thread of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Generator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from .http_protocol import GuardedProtocol
from .lifecycle import StartError
from .logs import log

# A connection that is silent after an answer is closed then.
KEEP_ALIVE_SECONDS: Final = 30
BACKLOG: Final = 2048


def bind(listener: str, host: str, port: int, key: str) -> socket.socket:
    """Bind a listener and log its address; `key` is the configuration key to name when that fails."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartError(
            f"the {listener} listener cannot be bound to {host} port {port}: {reason}; change {key}"
        ) from error
    actual_host, actual_port = bound.getsockname()[:2]
    shown = f"[{actual_host}]" if family == socket.AF_INET6 else actual_host
    log.info("listening", extra={"listener": listener, "address": f"{shown}:{actual_port}"})
    return bound


class Server(uvicorn.Server):
    """uvicorn, with signals left to the lifecycle and every setting that it would guess or announce given."""

    def __init__(self, app: ASGIApp) -> None:
        """Serve `app`; call `serve` with a bound socket."""
        config = uvicorn.Config(
            app,
            http=GuardedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            backlog=BACKLOG,
            reset_contextvars=True,  # or a pipelined request would continue the trace of the one before
        )
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone."""
        yield


class AdminServer:
    """Serves the admin application, and goes on doing so while the public side is busy or stopping."""

    def __init__(self, app: ASGIApp, bound: socket.socket) -> None:
        """Serve `app` on a bound socket."""
        self._server = Server(app)
        self._thread = threading.Thread(target=self._run, args=(bound,), name="admin", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """End within two seconds."""
        self._server.should_exit = True
        self._thread.join(timeout=2)

    def _run(self, bound: socket.socket) -> None:
        asyncio.run(self._server.serve(sockets=[bound]))
