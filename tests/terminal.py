"""A real terminal for tests and for the README's picture: a program behind a pseudo-terminal, and its screen."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import pexpect
import pyte

from project import BIN

WIDTH, HEIGHT = 100, 40
KEYS = {"up": "\x1b[A", "down": "\x1b[B", "enter": "\r", "ctrl-c": "\x03", "space": " "}
PATIENCE = 30  # seconds


class _Screen(pyte.Screen):
    """A screen that answers when it is asked where its cursor is, as a terminal does."""

    def __init__(self, width: int, height: int, answer: Callable[[str], object]) -> None:
        super().__init__(width, height)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Terminal:
    """A program in a terminal, driven by key strokes and read by what its screen shows."""

    def __init__(self, command: Sequence[str | Path], cwd: Path, *, width: int = WIDTH, height: int = HEIGHT) -> None:
        """Start the program."""
        self.raw = ""
        first, *rest = map(str, command)
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "TERM": "xterm-256color"}
        self._program = pexpect.spawn(
            first, rest, cwd=str(cwd), env=environment, dimensions=(height, width), encoding="utf-8", timeout=PATIENCE
        )
        self.screen = _Screen(width, height, self._program.send)
        self._stream = pyte.Stream(self.screen)

    @classmethod
    def trivium(cls, *arguments: str | Path, cwd: Path, width: int = WIDTH, height: int = HEIGHT) -> Self:
        """Start the installed chooser."""
        return cls([BIN / "trivium", *arguments], cwd, width=width, height=height)

    def _read(self) -> bool:
        """Feed what has arrived to the screen; return whether the program still runs."""
        try:
            text = self._program.read_nonblocking(65536, timeout=0.1)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += text
        self._stream.feed(text)
        return True

    def text(self) -> str:
        """Return what the screen shows now."""
        return "\n".join(line.rstrip() for line in self.screen.display).strip("\n")

    def wait_for(self, text: str) -> None:
        """Read until the screen shows a text."""
        self.wait_until(lambda: text in self.text(), f"{text!r} is not on the screen")

    def wait_until(self, holds: Callable[[], bool], complaint: str = "it never came to that") -> None:
        """Read until something holds of the screen."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            running = self._read()
            if not holds() and (not running or time.monotonic() > deadline):
                raise AssertionError(f"{complaint}:\n{self.text()}")

    def settle(self) -> None:
        """Read until nothing arrives any more for a moment."""
        quiet = 0
        while quiet < 5:
            before = len(self.raw)
            if not self._read():
                return
            quiet = quiet + 1 if len(self.raw) == before else 0

    def press(self, *keys: str) -> None:
        """Press keys by name, or type text."""
        for key in keys:
            self._program.send(KEYS.get(key, key))

    def wait(self) -> int:
        """Read to the end and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, self.text()
        self._program.close()
        assert self._program.exitstatus is not None, f"ended by signal {self._program.signalstatus}"
        return self._program.exitstatus
