"""A service as a process: started under its guard, its output read, its exit code, memory and end observed."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self, cast

import psutil

from trivium.errors import UserError, shown

from . import guard

LINES_KEPT = 20_000
READ_WITHIN = 5  # seconds for what an ended process has said
LONGEST_LINE = 65_536
MOST_OUTPUT = 200_000_000  # bytes; of what goes beyond, nothing is kept


class Process:
    """A running command. Its end is known as soon as it happens; `end()` leaves nothing of it behind."""

    def __init__(self, command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> None:
        """Start it. Raises UserError when the command cannot be run."""
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.said = 0  # lines in all
        self.written = 0  # bytes in all
        self._reports: queue.Queue[str] = queue.Queue()
        self._code: int | None = None
        self._ended = threading.Event()
        self._all_read = threading.Event()
        told, tell = os.pipe()
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._guard = subprocess.Popen(
            [sys.executable, "-S", guard.__file__, str(tell), *command],
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(tell,),
            start_new_session=True,
        )
        try:
            os.close(tell)
            threading.Thread(target=self._read_reports, args=(told,), daemon=True).start()
            self._reader.start()
            self.pid = self._await_start(command[0])
        except BaseException:  # an interrupt too: nobody else knows of it yet
            self.end()
            raise

    @property
    def _output(self) -> IO[bytes]:
        return cast("IO[bytes]", self._guard.stdout)

    def _await_start(self, name: str) -> int:
        word, _, rest = self._reports.get().partition(" ")
        if word != "started":
            raise UserError(f"{shown(name)} cannot be run: {rest or 'its guard did not start'}.")
        return int(rest)

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""
        self.end()

    def _read_reports(self, descriptor: int) -> None:
        with os.fdopen(descriptor) as reader:
            for line in reader:
                if line.startswith("ended "):
                    self._code = int(line.split()[1])
                    self._ended.set()
                else:
                    self._reports.put(line.rstrip())
        self._reports.put("")
        self._ended.set()

    def _read_output(self) -> None:
        while line := self._output.readline(LONGEST_LINE):
            if line.endswith(guard.LAST):
                self._all_read.set()
                line = line.removesuffix(guard.LAST)
                if not line:
                    continue
            self.written += len(line)
            self.said += 1
            if self.written <= MOST_OUTPUT:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
        self._all_read.set()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.is_set()

    def wait(self, seconds: float) -> int | None:
        """Return its exit code (negative: the signal that ended it), None when it has not ended in time.

        By then `output` has all that it said: the end is known to one thread, and the output read by another.
        """
        if not self._ended.wait(seconds):
            return None
        self._all_read.wait(READ_WITHIN)
        return self._code

    def send(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Signal it, as an operator would; nothing happens when it has ended."""
        with suppress(ProcessLookupError):
            if self.running:
                os.kill(self.pid, number)

    def output(self, since: int = 0) -> list[str]:
        """Return the lines it wrote after the first `since` ones."""
        kept = list(self.lines)
        return kept[max(0, since - (self.said - len(kept))) :]

    def tree(self) -> list[psutil.Process]:
        """Return it and its descendants."""
        with suppress(psutil.NoSuchProcess):
            own = psutil.Process(self.pid)
            return [own, *own.children(recursive=True)]
        return []

    def memory(self) -> int:
        """Return the resident bytes of it and its descendants."""
        total = 0
        for process in self.tree():
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total

    def left_behind(self) -> bool:
        """Whether it has ended and something that it started has not."""
        return not self.running and bool(guard.descendants(self._guard.pid))

    def end(self) -> None:
        """Kill whatever is left, by closing the guard's pipe."""
        cast("IO[bytes]", self._guard.stdin).close()
        try:
            self._guard.wait(10)
        except subprocess.TimeoutExpired:  # a guard that is stopped or swapped out
            self._guard.kill()
            self._guard.wait()
        if self._reader.is_alive():
            self._reader.join(5)
        if not self._reader.is_alive():
            self._output.close()


def run(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], seconds: float
) -> tuple[int | None, list[str], float]:
    """Run a command to its end; return its exit code (None: not in time), its output and the seconds it took."""
    begun = time.monotonic()
    with Process(command, cwd, environment) as process:
        code = process.wait(seconds)
        took = time.monotonic() - begun
    return code, process.output(), took
