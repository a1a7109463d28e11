"""The same service on PostgreSQL and without a database: its own gates, the readiness suite, keys, bad input."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from project import Render
from services.contract import check_json, check_problem
from services.postgres import Server, running
from services.running import VARIANTS, Service, clean_environment, make
from services.test_idempotency import an_order, check_replay, post
from services.test_readiness import verdicts

pytestmark = pytest.mark.xdist_group(VARIANTS)

# A long name with hyphens, and the shortest there is: the linters pass with any.
NAMES = {"postgres": "customer-notification-gateway", "none": "a"}


def set_up(render: Render, factory: pytest.TempPathFactory, language: str, database: str) -> Path:
    folder = render(factory.mktemp(database) / NAMES[database], language, "--set", f"database={database}")
    done = make(folder, "setup")
    assert done.returncode == 0, done.stdout[-4000:]
    return folder


@pytest.fixture(scope="module")
def on_postgres(language: str, render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render the service for PostgreSQL and set it up."""
    return set_up(render, tmp_path_factory, language, "postgres")


@pytest.fixture(scope="module")
def without(language: str, render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render the service without a database and set it up."""
    return set_up(render, tmp_path_factory, language, "none")


@pytest.fixture(scope="module")
def server(on_postgres: Path) -> Iterator[Server]:
    """Run a PostgreSQL by the service's own script."""
    with running(on_postgres) as started:
        yield started


def test_on_postgresql_its_linters_pass(on_postgres: Path) -> None:
    done = make(on_postgres, "lint")
    assert done.returncode == 0, done.stdout[-4000:]


def test_on_postgresql_its_tests_pass(on_postgres: Path) -> None:
    done = make(on_postgres, "test")
    assert done.returncode == 0, done.stdout[-4000:]


def test_on_postgresql_the_data_is_safe(on_postgres: Path) -> None:
    """Section F of the readiness suite, with a database that is stopped, killed and slow."""
    found = verdicts(on_postgres, "F")
    assert set(found) == {f"F{number}" for number in range(1, 10)}
    assert set(found.values()) == {"pass"}, found


def test_on_postgresql_orders_keys_and_replicas(on_postgres: Path, server: Server) -> None:
    """Three replicas start together on an empty database; a key that one has seen the others know."""
    database = {"APP_DATABASE_URL": server.new_database()}
    replicas = [Service.start(on_postgres, database) for _ in range(3)]
    try:
        for replica in replicas:
            replica.wait_until_ready()
        with httpx.Client(base_url=replicas[0].public) as client:
            first = post(client, "shared", an_order("ada"))
        order = check_json(first, 201, "Order")
        for replica in replicas[1:]:
            with httpx.Client(base_url=replica.public) as client:
                check_replay(post(client, "shared", an_order("ada")), first)
                check_problem(post(client, "shared", an_order("ada", quantity=2)), 422)
                assert client.get("/v1/orders").json()["orders"] == [order]
        assert [replica.stop() for replica in replicas] == [0, 0, 0]
    finally:
        for replica in replicas:
            replica.end()


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("postgresql://{user}:hunter2@{place}/nowhere", ["nowhere", "{place}"]),
        ("postgresql://stranger:hunter2@{place}/{user}", ["stranger", "{place}"]),
        ("postgresql://{user}:hunter2@127.0.0.1:9/{user}", ["127.0.0.1:9"]),
    ],
    ids=["no such database", "no such user", "no server"],
)
def test_a_start_that_fails_names_what_to_mend(on_postgres: Path, server: Server, url: str, names: list[str]) -> None:
    user = NAMES["postgres"]
    place = server.url.partition("@")[2].partition("/")[0]
    service = Service.start(on_postgres, {"APP_DATABASE_URL": url.format(user=user, place=place)})
    try:
        assert service.wait() == 2  # make's code for any failure; the service's own is 1
        last = [json.dumps(event) for event in service.events() if event["level"] == "error"][-1]
        for name in [*names, "APP_DATABASE_URL"]:
            assert name.format(place=place) in last
        assert "hunter2" not in "".join(service.lines)
    finally:
        service.end()


@pytest.mark.parametrize("url", ["mysql://root:hunter2@db/orders", "sqlite:///x.db", "postgresql://", "hunter2"])
def test_another_kind_of_url_is_refused(on_postgres: Path, url: str) -> None:
    service = Service.start(on_postgres, {"APP_DATABASE_URL": url})
    try:
        assert service.wait() == 2
        (error,) = [error for event in service.events() for error in event.get("errors", [])]
        assert error == {
            "key": "APP_DATABASE_URL",
            "detail": "must be a URL of the form postgresql://USER:PASSWORD@HOST:PORT/NAME",
        }
        assert "hunter2" not in "".join(service.lines)
    finally:
        service.end()


def test_without_a_database_its_own_gates_pass(without: Path) -> None:
    for verb in ("lint", "test"):
        done = make(without, verb)
        assert done.returncode == 0, done.stdout[-4000:]


def test_without_a_database_it_drains_and_stops_as_a_service_should(without: Path) -> None:
    assert verdicts(without, "A1,A3") == {"A1": "pass", "A3": "pass"}


def test_without_a_database_there_are_no_orders(without: Path) -> None:
    service = Service.start(without)
    try:
        service.wait_until_ready()
        with httpx.Client(base_url=service.public) as client:
            check_problem(client.post("/v1/orders", json=an_order("ada")), 404)
            check_json(client.post("/v1/simulations", json={"iterations": 1, "seed": 1}), 200, "Simulation")
        assert service.stop() == 0
    finally:
        service.end()


def test_without_a_database_there_is_nothing_to_migrate(without: Path) -> None:
    done = subprocess.run(
        ["make", "migrate"], cwd=without, env=clean_environment(), check=False, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "migrate" not in make(without, "help").stdout
