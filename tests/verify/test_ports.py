"""Ports for services under test."""

import socket
import subprocess
import sys

import pytest

from trivium.verify import ports
from trivium.verify.wire import HOST

TAKES_ALL = """
from contextlib import ExitStack
from trivium.verify import ports
ports.CHOICE = range({first}, {first} + 4)
with ExitStack() as held:
    print(*sorted(held.enter_context(ports.reserved()) for _ in range(3)))
"""


def test_what_is_reserved_can_be_listened_on_and_is_given_to_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "CHOICE", range(14_900, 14_901))  # which no other test chooses from
    with ports.reserved() as first:
        with socket.create_server((HOST, first)):
            pass
        taking = [sys.executable, "-c", TAKES_ALL.format(first=first)]
        others = subprocess.run(taking, check=True, capture_output=True, text=True, timeout=30).stdout
    assert others.split() == [str(port) for port in range(first + 1, first + 4)]
