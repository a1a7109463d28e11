"""One rendered service for each test session, set up once by its own `make setup`, and started once for most tests."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from project import Render
from services.running import SHARED, Service, make

Start = Callable[..., Service]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares one service in one process."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(SHARED))


@pytest.fixture(scope="session")
def language(request: pytest.FixtureRequest) -> str:
    """Name the language under test; there is no default, so that none is left out by mistake."""
    chosen = request.config.getoption("--language")
    if not chosen:
        pytest.exit("tests/services needs --language=python|go|java", returncode=2)
    return str(chosen)


@pytest.fixture(scope="session")
def folder(language: str, render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render the service and set it up, in an environment that has only PATH and HOME."""
    rendered = render(tmp_path_factory.mktemp("service") / "orders", language)
    done = make(rendered, "setup")
    assert done.returncode == 0, done.stdout[-4000:]
    return rendered


@pytest.fixture(scope="session")
def launch(folder: Path) -> Iterator[Start]:
    """Start services; whatever still runs at the end of the session is ended."""
    started: list[Service] = []

    def run(environment: Mapping[str, str] | None = None) -> Service:
        started.append(Service.start(folder, environment))
        return started[-1]

    yield run
    for service in started:
        service.end()


@pytest.fixture(scope="session")
def service(launch: Start, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Start a service with its own database, for tests that leave it running."""
    database = tmp_path_factory.mktemp("database") / "orders.db"
    return launch({"APP_DATABASE_URL": f"sqlite:///{database}"}).wait_until_ready()


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    """Open a client of the public listener."""
    with httpx.Client(base_url=service.public, timeout=30) as opened:
        yield opened


@pytest.fixture
def admin(service: Service) -> Iterator[httpx.Client]:
    """Open a client of the admin listener."""
    with httpx.Client(base_url=service.admin, timeout=30) as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path: Path) -> dict[str, str]:
    """Give the service a database of its own."""
    return {"APP_DATABASE_URL": f"sqlite:///{tmp_path / 'orders.db'}"}
