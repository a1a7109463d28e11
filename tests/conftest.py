"""What all tests share: rendering a service with the command that people use."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from project import BIN, Render


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--language", choices=["python", "go", "java"], help="the rendered service to test")


def pytest_configure() -> None:
    """Take Ctrl-C as a terminal would, though a shell that starts tests in the background lets them ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def trivium() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the installed command with some arguments and no terminal."""

    def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(BIN / "trivium"), *map(str, arguments)]
        return subprocess.run(
            command, cwd=cwd, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
        )

    return run


@pytest.fixture(scope="session")
def render(trivium: Callable[..., subprocess.CompletedProcess[str]]) -> Render:
    """Render a service into a folder by `trivium new … --yes`."""

    def run(folder: Path, language: str, *arguments: str) -> Path:
        done = trivium("new", folder, "--language", language, "--yes", *arguments)
        assert done.returncode == 0, done.stderr
        return folder

    return run
