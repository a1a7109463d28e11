"""Starting a rendered service by its own `make run`, on free ports, and watching it from outside."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

START_SECONDS = 120  # a JVM on a busy machine; a service that listens is noticed at once
STOP_SECONDS = 60
# Tests that render and build a service of their own; they run beside those of the service that all the others share.
SHARED, VARIANTS = "shared", "variants"


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a fresh machine has: PATH and HOME, and nothing of this test run's virtual environment."""
    path = os.pathsep.join(entry for entry in os.environ["PATH"].split(os.pathsep) if ".venv" not in Path(entry).parts)
    return {"PATH": path, "HOME": os.environ["HOME"], **(extra or {})}


def make(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run verbs of a service in an environment that has only PATH and HOME."""
    return subprocess.run(
        ["make", *words],
        cwd=folder,
        env=clean_environment(environment),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1500,
    )


@dataclass
class Service:
    """A running service: its addresses, its log lines so far, its process."""

    make: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    _events: "queue.Queue[dict[str, Any] | None]" = field(default_factory=queue.Queue)

    @classmethod
    def start(cls, folder: Path, environment: Mapping[str, str] | None = None) -> Self:
        """Run `make run` and wait until both listeners have said their address."""
        free = {"APP_HOST": "127.0.0.1", "APP_PORT": "0", "APP_ADMIN_HOST": "127.0.0.1", "APP_ADMIN_PORT": "0"}
        make = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            cwd=folder,
            env=clean_environment(free | dict(environment or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # so that whatever it starts can be ended with it
        )
        service = cls(make)
        threading.Thread(target=service._read, daemon=True).start()
        return service

    def _read(self) -> None:
        assert self.make.stdout is not None
        with self.make.stdout as output:
            for line in output:
                self.lines.append(line)
                if line.startswith("{"):
                    self._events.put(json.loads(line))
        self._events.put(None)

    def wait_for_log(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = START_SECONDS) -> dict[str, Any]:
        """Return the first log line not yet seen that is wanted."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            event = self._events.get(timeout=left)
            assert event is not None, f"the service ended: {''.join(self.lines[-5:])}"
            if event.get("message") == "listening":
                self.addresses[event["listener"]] = event["address"]
            if wanted(event):
                return event
        raise AssertionError(f"no such log line within {seconds} s: {''.join(self.lines[-5:])}")

    def wait_until_ready(self) -> Self:
        """Wait for both listeners and for readiness."""
        while set(self.addresses) != {"public", "admin"}:
            self.wait_for_log(lambda event: event.get("message") == "listening")
        deadline = time.monotonic() + START_SECONDS
        while httpx.get(f"{self.admin}/readyz").status_code != httpx.codes.OK:
            assert time.monotonic() < deadline, "never ready"
            time.sleep(0.05)
        return self

    @property
    def public(self) -> str:
        """The public listener's base URL."""
        return f"http://{self.addresses['public']}"

    @property
    def admin(self) -> str:
        """The admin listener's base URL."""
        return f"http://{self.addresses['admin']}"

    @property
    def process(self) -> psutil.Process:
        """The service's own process: the only child of make."""
        (child,) = psutil.Process(self.make.pid).children()
        return child

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal the service itself and return make's exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end and return make's exit code."""
        return self.make.wait(STOP_SECONDS)

    def end(self) -> None:
        """End whatever is left, for tear-down."""
        try:
            os.killpg(self.make.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.make.wait()

    def events(self) -> list[dict[str, Any]]:
        """Return all log lines so far, parsed."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]
