"""Runs the contenders and tells how much processor time they take for a number of requests."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
from bench.peers.fetch import UnavailableError

from .build import Program, environment

CONCURRENCY: Final = 16
START_SECONDS: Final = 90
STOP_SECONDS: Final = 30
ORDER: Final = {"customer_id": "ada", "items": [{"sku": "book", "quantity": 2, "unit_price_cents": 1250}]}
NO_ORDER: Final = {"customer_id": "ada", "items": [{"sku": "book", "quantity": 0, "unit_price_cents": 1250}]}
MEMBERS: Final = {"id", "customer_id", "items", "total_cents", "status", "created_at", "updated_at"}
CREATED, OK, BAD, INVALID = 201, 200, 400, 422


class Service:
    """A contender that runs."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", base: str) -> None:
        """Know it by its process and its URL."""
        self.name = name
        self._process = psutil.Process(process.pid)
        self.base = base

    def load(self, generator: Path, pairs: int) -> tuple[float, float]:
        """Have orders created and read; return the processor's seconds and the clock's. Raises UnavailableError."""
        words = [str(generator), "-base", self.base, "-pairs", str(pairs), "-concurrency", str(CONCURRENCY)]
        before, begun = self.cpu_seconds(), time.perf_counter()
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - begun
        if done.returncode != 0:
            raise UnavailableError("fails", f"{self.name}: {done.stderr.strip()}")
        return self.cpu_seconds() - before, seconds

    def check(self) -> None:
        """Hold it to the contract. Raises UnavailableError."""
        created = self._ask("/v1/orders", ORDER)
        where = created.headers.get("location", "")
        read = self._ask(where)
        order: dict[str, Any] = created.json()
        holds = {
            "creates": created.status_code == CREATED and set(order) == MEMBERS and order["items"] == ORDER["items"],
            "says where": where == f"/v1/orders/{order.get('id')}",
            "adds up": order.get("total_cents") == 2 * 1250 and order.get("status") == "new",
            "reads": read.status_code == OK and read.json() == order,
            "tags": created.headers.get("etag") == read.headers.get("etag") == '"1"',
            "validates": self._ask("/v1/orders", NO_ORDER).status_code in (BAD, INVALID),
            "refuses unknown members": self._ask("/v1/orders", ORDER | {"more": 1}).status_code in (BAD, INVALID),
        }
        if broken := [what for what, holds_ in holds.items() if not holds_]:
            raise UnavailableError("another contract", f"{self.name}: not so: {', '.join(broken)}: {created.text}")

    def await_start(self) -> None:
        """Wait until it creates orders. Raises UnavailableError."""
        self._await(lambda: self._ask("/v1/orders", ORDER).status_code == CREATED)

    def await_answer(self, path: str) -> None:
        """Wait until it answers to this path. Raises UnavailableError."""
        self._await(lambda: self._ask(path).status_code == OK)

    def _await(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            with suppress(httpx.HTTPError):
                if holds():
                    return
            time.sleep(0.2)
        raise UnavailableError("not started", f"{self.name} does not start.")

    def new_order(self) -> str:
        """Have an order created; return its path. Raises KeyError when it is refused."""
        return str(self._ask("/v1/orders", ORDER).headers["location"])

    def _ask(self, path: str, body: object = None) -> httpx.Response:
        url = self.base + path
        return httpx.get(url) if body is None else httpx.post(url, json=body)

    def memory(self) -> float:
        """Return the bytes that it and all its children take, what they share counted once."""
        family = [self._process, *self._process.children(recursive=True)]
        return float(sum(process.memory_full_info().pss for process in family))

    def cpu_seconds(self) -> float:
        """Return what it and all its children have taken, in user and in system mode."""
        total = 0.0
        for process in [self._process, *self._process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total


@contextmanager
def running(name: str, program: Program, database: str, log: Path) -> Iterator[Service]:
    """Run a contender, what it prints going to a file, while the context lasts. Raises UnavailableError."""
    port, admin_port = free_ports()
    variables = environment(program, database, port, admin_port)
    command = [word.replace("{port}", str(port)) for word in program.command]
    with log.open("wb") as output:
        if program.before:
            prepare(name, program, variables, log)
        process = subprocess.Popen(
            command,
            cwd=program.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            service = Service(name, process, f"http://127.0.0.1:{port}")
            service.await_start()
            yield service
        finally:
            stop(process)


def prepare(name: str, program: Program, variables: Mapping[str, str], log: Path) -> None:
    """Bring its database to its schema. Raises UnavailableError."""
    done = subprocess.run(program.before, cwd=program.folder, env=variables, capture_output=True, check=False)
    if done.returncode != 0:
        log.write_bytes(done.stdout + done.stderr)
        raise UnavailableError("not started", f"{name}: its migration ends with {done.returncode}; see {log}.")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End it and all its children."""
    with suppress(psutil.NoSuchProcess):
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(signal.SIGTERM)
        _, left = psutil.wait_procs(family, STOP_SECONDS)
        for one in left:
            one.kill()
    process.wait(STOP_SECONDS)


def free_ports() -> tuple[int, int]:
    """Return two ports nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
