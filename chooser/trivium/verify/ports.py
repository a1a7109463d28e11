"""Ports for services under test: free, and each held by one run at a time however many run side by side."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .wire import HOST

CHOICE = range(15_000, 32_000)  # no connection is given one of these as its own end: those begin at 32768


@contextmanager
def reserved() -> Iterator[int]:
    """Yield a port that nobody listens on, and that no other run of the suite takes meanwhile.

    Between the choice of a port and the moment its service binds it, another process could choose the same one. So the
    UDP port of the same number is held for it, which services leave alone and which the system gives back with the
    process, whatever ends it.
    """
    while True:
        port = secrets.choice(CHOICE)
        with socket.socket(type=socket.SOCK_DGRAM) as hold:
            if _bound(hold, port) and _free(port):
                yield port
                return


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _bound(probe, port)


def _bound(to_bind: socket.socket, port: int) -> bool:
    with suppress(OSError):
        to_bind.bind((HOST, port))
        return True
    return False
