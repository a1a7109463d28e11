"""Fixtures: an application without a server, the real program, and a watch over what tests leave behind."""

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from detectors import no_callback_is_slow, no_task_is_left
from support import PROGRAM, WITH_THINGS, Application, Program, application


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncGenerator[Application]:
    """Put an application together that is ready to serve."""
    async with application(tmp_path) as built:
        yield built


@pytest.fixture
def start(tmp_path: Path) -> Generator[Callable[..., Program]]:
    """Start the real program; what still runs at the end of the test is killed."""
    started: list[Program] = []

    def run(*arguments: str, settings: Mapping[str, str] | None = None, with_things: bool = False) -> Program:
        command = WITH_THINGS if with_things else (str(PROGRAM),)
        started.append(Program(tmp_path, settings or {}, arguments, command))
        return started[-1]

    yield run
    for program in started:
        program.process.kill()
        program.process.wait()


@pytest_asyncio.fixture(autouse=True)
async def detectors() -> AsyncGenerator[None]:
    """Fail a test that leaves a task behind or holds up the event loop."""
    with no_callback_is_slow():
        async with no_task_is_left():
            yield
