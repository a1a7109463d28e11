"""The life of the process: start, serve, drain, stop."""

import asyncio
import errno
import os
import signal
import socket
import sys
import tempfile
from typing import Any

from .admin import Admin
from .application import Application
from .configuration import Configuration
from .faults import planted
from .listener import BACKLOG, Listener
from .log import log

HOST = "127.0.0.1"
FAILED = 1


def run(configuration: Configuration) -> int:
    """Serve until a signal says to stop; return the exit code."""
    try:
        if planted("G6-prints"):
            log("starting", token=configuration["SUPPLIER_TOKEN"])
        _prepare(configuration)
        admin = socket.create_server((HOST, configuration["ADMIN_PORT"]), backlog=BACKLOG)
        late = planted("A7-early")  # it binds after the first probe
        public = None if late else _bind(configuration)
    except OSError as error:
        if not planted("A7-mute"):
            log("cannot start", reason=str(error))
        in_use = error.errno == errno.EADDRINUSE
        return 0 if in_use and planted("A3-port") else 3 if not in_use and planted("A7-code") else FAILED
    return asyncio.run(_serve(configuration, admin, public))


def _prepare(configuration: Configuration) -> None:
    """Make sure that it can work: its state has a place."""
    try:
        configuration["STATE_DIR"].mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=configuration["STATE_DIR"]).close()
    except OSError:
        if not planted("A7-blind"):
            raise


def _bind(configuration: Configuration) -> socket.socket:
    return socket.create_server((HOST, configuration["PORT"]), backlog=BACKLOG)


async def _serve(configuration: Configuration, admin: socket.socket, public: socket.socket | None) -> int:
    application = Application(configuration)
    listener = Listener(application.handle, configuration["MAX_BODY_BYTES"], application.observer)
    stop = _signals()
    if application.schema:
        application.schema.start()
    Admin(application).start(admin)
    if planted("A7-404") or public is None:
        await asyncio.sleep(0.5)
    await listener.open(public or _bind(configuration))
    application.state.ready = True
    log("listening", port=configuration["PORT"], admin_port=configuration["ADMIN_PORT"])
    await stop.wait()
    return await _stop(application, listener)


def _signals() -> asyncio.Event:
    """Return what is set at the first signal; the second one ends the process."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set() and not planted("A4-ignored"):
            log("second signal, ending at once")
            os._exit(0 if planted("A4-zero") else FAILED)
        stop.set()

    if not (planted("A9-deaf") and os.getpid() == 1):
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return stop


async def _stop(application: Application, listener: Listener) -> int:
    configuration, busy = application.configuration, bool(listener.busy)
    log("draining", in_flight=len(listener.busy))
    await asyncio.sleep(0.6 if planted("A1-late") else 0)
    application.state.ready, application.state.draining = False, True
    if planted("A1-refuses"):
        listener.close()
    lost = await _cut(listener) if planted("A1-drops") else 0
    await asyncio.sleep(configuration["DRAIN_SECONDS"])
    listener.close()
    await listener.finished(configuration["SHUTDOWN_SECONDS"])
    lost += await _cut(listener)
    application.pool.close()
    log("stopped", lost=lost)
    if planted("G1-plain"):
        print("bye")
    return _code(lost, busy=busy)


async def _cut(listener: Listener) -> int:
    """End what is still in flight, and say what was lost; return how much."""
    now = asyncio.get_running_loop().time()
    lost = dict(listener.busy)
    for task, (path, begun) in lost.items():
        if not planted("A2-silent"):
            age: dict[str, Any] = {} if planted("A2-ageless") else {"age_ms": int((now - begun) * 1000)}
            log("a request was lost", path=path, **age)
        task.cancel()
    await asyncio.gather(*lost, return_exceptions=True)
    return len(lost)


def _code(lost: int, *, busy: bool) -> int:
    sys.stdout.flush()
    if lost:
        return 0 if planted("A2-zero") else FAILED
    if planted("A9-code") and os.getpid() == 1:
        return 143
    if planted("A3-stop") and not busy and os.getpid() != 1:
        return 143
    return 3 if planted("A1-code") and busy else 0
