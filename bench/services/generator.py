"""The load generator of `make bench-services` (load/, a Go program) as functions."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.data.build import OUT
from bench.peers.fetch import UnavailableError, run

PROGRAM = OUT / "load-services"
SOURCES = Path(__file__).parent / "load"


def build() -> None:
    """Build it. Raises UnavailableError."""
    OUT.mkdir(parents=True, exist_ok=True)
    run(["go", "build", "-o", PROGRAM, "."], SOURCES, CGO_ENABLED="0")


def closed(base: str, operation: str, requests: int, concurrency: int, iterations: int = 1) -> float:
    """Make so many requests, so many at once; return how many seconds it took. Raises UnavailableError."""
    words = ["--requests", str(requests), "--concurrency", str(concurrency), "--iterations", str(iterations)]
    return float(_said("closed", base, operation, *words)["seconds"])


def getting(base: str, path: str, requests: int, concurrency: int) -> None:
    """Read a path so many times, so many at once. Raises UnavailableError."""
    words = ["--path", path, "--requests", str(requests), "--concurrency", str(concurrency)]
    _said("closed", base, "get", *words)


def arriving(base: str, operation: str, rate: float, seconds: float, iterations: int = 1) -> dict[str, float]:
    """Send at a constant rate; return counts, goodput (1/s), p50, p99 and p999 (s). Raises UnavailableError."""
    words = ["--rate", f"{rate:g}", "--for", f"{seconds:g}s", "--iterations", str(iterations)]
    return _said("open", base, operation, *words)


@contextmanager
def computing(base: str, concurrency: int, iterations: int) -> Iterator[None]:
    """Keep the CPU workers busy with simulations while the context lasts."""
    words = ["--base", base, "--operation", "simulate", "--requests", str(10**9)]
    words += ["--concurrency", str(concurrency), "--iterations", str(iterations)]
    with subprocess.Popen([PROGRAM, "closed", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
            if process.poll() is not None:
                raise UnavailableError("fails", f"the simulations at {base} ended by themselves")
        finally:
            process.kill()


@contextmanager
def idle(base: str, connections: int) -> Iterator[None]:
    """Hold so many connections open and unused while the context lasts. Raises UnavailableError."""
    with _until_closed("idle", "--base", base, "--connections", str(connections)):
        yield


@contextmanager
def supplier(delay: str) -> Iterator[str]:
    """Run a supplier that answers after the delay; give its URL."""
    with _until_closed("suppliers", "--delay", delay) as said:
        yield str(said["address"])


def _said(command: str, base: str, operation: str, *words: str) -> dict[str, float]:
    whole = [str(PROGRAM), command, "--base", base, "--operation", operation, *words]
    done = subprocess.run(whole, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnavailableError("fails", f"{base}: {done.stderr.strip()}")
    said: dict[str, float] = json.loads(done.stdout)
    return said


@contextmanager
def _until_closed(command: str, *words: str) -> Iterator[dict[str, Any]]:
    pipe = subprocess.PIPE
    whole = [str(PROGRAM), command, *words]
    with subprocess.Popen(whole, text=True, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("Popen gives what it is asked for")
        line = process.stdout.readline()
        if not line.startswith("{"):
            raise UnavailableError("fails", line.strip())
        try:
            yield json.loads(line)
        finally:
            process.stdin.close()
