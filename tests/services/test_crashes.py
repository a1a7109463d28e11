"""Fifty random kills under load: what was acknowledged is there, once. `make test-slow ONLY=crashes`."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from project import Render
from services.ledger import Writer, balance
from services.postgres import running
from services.running import Service, make

KILLS = 50
WRITERS = 4
SEED = 20260
LONGEST_SECONDS = 1.0  # between readiness and the kill

pytestmark = pytest.mark.skipif("TRIVIUM_SLOW" not in os.environ, reason="make test-slow ONLY=crashes")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def crashing(language: str, database: str, render: Render, tmp_path: Path) -> Path:
    """Render the service for the database and set it up."""
    folder = render(tmp_path / "orders", language, "--set", f"database={database}")
    done = make(folder, "setup")
    assert done.returncode == 0, done.stdout[-4000:]
    return folder


@pytest.fixture
def environment(crashing: Path, database: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Name an empty database, on a server of its own where there is one."""
    if database == "sqlite":
        yield {"APP_DATABASE_URL": f"sqlite:///{tmp_path / 'orders.db'}"}
        return
    with running(crashing) as server:
        yield {"APP_DATABASE_URL": server.new_database()}


def test_fifty_kills_lose_and_double_nothing(crashing: Path, environment: dict[str, str]) -> None:
    chance = random.Random(SEED)
    ports: list[str] = []
    writers = [Writer(ports) for _ in range(WRITERS)]
    threads = [threading.Thread(target=writer.run, daemon=True) for writer in writers]
    for number in range(KILLS):
        service = Service.start(crashing, environment)
        try:
            ports.append(service.wait_until_ready().public)
            if not number:
                for thread in threads:
                    thread.start()
            time.sleep(chance.uniform(0.05, LONGEST_SECONDS))
            kill(service)
        finally:
            service.end()
    last = Service.start(crashing, environment)
    try:
        ports.append(last.wait_until_ready().public)
        time.sleep(LONGEST_SECONDS)  # what was open is sent again
        for writer in writers:
            writer.stopped.set()
        for thread in threads:
            thread.join(30)
        found = balance(writers, last.public)
        print(f"{KILLS} kills, {found.acknowledged} acknowledged, {len(found.lost)} lost, {len(found.doubled)} doubled")
        assert found.acknowledged > KILLS
        assert (found.lost, found.doubled, found.unknown) == ([], [], [])
        assert last.stop() == 0
    finally:
        last.end()


def kill(service: Service) -> None:
    """Kill the service's own process, as the kernel does when memory is short."""
    process = service.process
    family = [process, *process.children(recursive=True)]
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=30)
