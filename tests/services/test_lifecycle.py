"""Start, drain, stop, overload: what a platform sees of the process."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from services.conftest import Start
from services.contract import check_problem
from services.running import Service, clean_environment

ITERATIONS = {"python": 1_000_000, "go": 20_000_000, "java": 20_000_000}  # some tenths of a second or more in each
JOBS = 5  # one after another they keep the pool busy long enough to be seen


@pytest.fixture
def slow(language: str) -> dict[str, int]:
    """Ask for a simulation that takes a while in this language."""
    return {"iterations": ITERATIONS[language], "seed": 1}


def test_a_clean_stop_exits_with_0(launch: Start, fresh: dict[str, str]) -> None:
    assert launch(fresh).wait_until_ready().stop() == 0


def test_ctrl_c_exits_with_0(launch: Start, fresh: dict[str, str]) -> None:
    assert launch(fresh).wait_until_ready().stop(signal.SIGINT) == 0


def test_a_signal_to_make_stops_the_service(launch: Start, fresh: dict[str, str]) -> None:
    """Make passes it on, waits for the drain, and then dies of the signal itself."""
    service = launch(fresh).wait_until_ready()
    process = service.process
    os.killpg(service.make.pid, signal.SIGTERM)
    assert service.wait() in (-signal.SIGTERM, 143)
    assert not process.is_running()


def test_during_the_drain_requests_are_served(launch: Start, fresh: dict[str, str], slow: dict[str, int]) -> None:
    service = launch(fresh | {"APP_DRAIN_SECONDS": "2"}).wait_until_ready()
    in_flight: list[int] = []

    def simulate() -> None:
        in_flight.append(httpx.post(f"{service.public}/v1/simulations", json=slow, timeout=30).status_code)

    callers = [threading.Thread(target=simulate) for _ in range(JOBS)]
    for caller in callers:
        caller.start()
    wait_until_busy(service)
    service.process.send_signal(signal.SIGTERM)
    wait_for_status(service, "draining")
    assert httpx.get(f"{service.public}/readyz").json() == {"status": "draining"}
    for base in (service.public, service.admin):
        assert httpx.get(f"{base}/livez").status_code == 200
    assert httpx.get(f"{service.public}/v1/orders").status_code == 200
    assert service.wait() == 0
    for caller in callers:
        caller.join()
    assert in_flight == [200] * JOBS


def wait_until_busy(service: Service) -> None:
    deadline = time.monotonic() + 10
    while not re.search(r"^app_cpu_pool_busy(\{.*\})? [1-9]", httpx.get(f"{service.admin}/metrics").text, re.MULTILINE):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for_status(service: Service, status: str) -> None:
    deadline = time.monotonic() + 5
    while httpx.get(f"{service.admin}/readyz").json() != {"status": status}:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_second_signal_ends_it_at_once(launch: Start, fresh: dict[str, str]) -> None:
    service = launch(fresh | {"APP_DRAIN_SECONDS": "60"}).wait_until_ready()
    service.process.send_signal(signal.SIGTERM)
    wait_for_status(service, "draining")
    time.sleep(0.5)
    begun = time.monotonic()
    assert service.stop() != 0
    assert time.monotonic() - begun < 10


def test_requests_that_must_be_cut_are_told(launch: Start, fresh: dict[str, str]) -> None:
    service = launch(fresh | {"APP_SHUTDOWN_SECONDS": "0.2"}).wait_until_ready()
    url = urlsplit(service.public)
    assert url.hostname
    with socket.create_connection((url.hostname, url.port or 80)) as stuck:  # a body that never comes
        head = "POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n"
        stuck.sendall(head.encode())
        time.sleep(0.5)
        assert service.stop() == 2  # make's code for any failure; the service's own is 1
    assert any(
        event["level"] in ("error", "warning") and event.get("route") == "/v1/orders" for event in service.events()
    )


def test_overload_is_shed_and_probes_are_not(launch: Start, fresh: dict[str, str], slow: dict[str, int]) -> None:
    limits = {"APP_MAX_IN_FLIGHT": "1", "APP_MAX_QUEUED": "1", "APP_QUEUE_TIMEOUT_MS": "100"}
    service = launch(fresh | limits).wait_until_ready()
    answers: list[httpx.Response] = []

    def simulate() -> None:
        answers.append(httpx.post(f"{service.public}/v1/simulations", json=slow, timeout=60))

    clients = [threading.Thread(target=simulate) for _ in range(8)]
    for client in clients:
        client.start()
    for base in (service.public, service.admin):
        assert httpx.get(f"{base}/livez").status_code == 200
        assert httpx.get(f"{base}/readyz").status_code == 200
    for client in clients:
        client.join()
    shed = [answer for answer in answers if answer.status_code == 503]
    assert len(shed) >= 6
    assert {answer.status_code for answer in answers} == {200, 503}
    for answer in shed:
        problem = check_problem(answer, 503, "The service is at capacity; try again later.")
        assert problem["type"] == "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
        assert answer.headers["retry-after"] == "1"
    metrics = httpx.get(f"{service.admin}/metrics").text
    assert "app_requests_shed_total" in metrics
    assert service.stop() == 0


def test_a_request_past_its_deadline_is_cut(launch: Start, fresh: dict[str, str]) -> None:
    service = launch(fresh | {"APP_REQUEST_TIMEOUT_SECONDS": "0.3"}).wait_until_ready()
    body = {"iterations": 20_000_000, "seed": 1}
    begun = time.monotonic()
    response = httpx.post(f"{service.public}/v1/simulations", json=body, timeout=60)
    if response.status_code != 200:  # twenty million points in 0.3 s is beyond today's machines, not beyond reason
        assert time.monotonic() - begun < 5
        check_problem(response, 503, "The request did not finish in time.")
        assert response.headers["retry-after"] == "1"
    assert service.stop() == 0


def test_orders_survive_a_restart(launch: Start, fresh: dict[str, str]) -> None:
    order = {"customer_id": "ada", "items": [{"sku": "s", "quantity": 1, "unit_price_cents": 5}]}
    service = launch(fresh).wait_until_ready()
    created = httpx.post(f"{service.public}/v1/orders", json=order).json()
    assert service.stop() == 0
    again = launch(fresh).wait_until_ready()
    assert httpx.get(f"{again.public}/v1/orders/{created['id']}").json() == created
    assert again.stop() == 0


def test_instances_that_start_together_on_a_new_database(launch: Start, fresh: dict[str, str]) -> None:
    instances = [launch(fresh) for _ in range(3)]
    assert [instance.wait_until_ready().stop() for instance in instances] == [0, 0, 0]


def test_in_production_an_unmigrated_database_is_not_ready(launch: Start, fresh: dict[str, str], folder: Path) -> None:
    production = fresh | {"APP_ENV": "production", "APP_DRAIN_SECONDS": "0"}
    service = launch(production)
    while set(service.addresses) != {"public", "admin"}:
        service.wait_for_log(lambda event: event.get("message") == "listening")
    wait_for_status(service, "unavailable")
    assert httpx.get(f"{service.admin}/livez").status_code == 200
    command = ["make", "--no-print-directory", "migrate"]
    subprocess.run(command, cwd=folder, env=clean_environment(production), check=True, capture_output=True, timeout=120)
    service.wait_until_ready()
    assert service.stop() == 0


class TestConfiguration:
    """Every mistake is named at once; the exit code tells configuration (2) from a failed start (1)."""

    def test_all_mistakes_at_once(self, launch: Start) -> None:
        bad = {
            "APP_ENV": "staging",
            "APP_PORT": "70000",
            "APP_LOG_LEVEL": "loud",
            "APP_DRAIN_SECONDS": "soon",
            "APP_MAX_IN_FLIGHT": "0",
            "APP_DATABASE_URL": "mysql://root:hunter2@db/orders",
        }
        service = launch(bad)
        assert service.wait() == 2
        (event,) = [event for event in service.events() if event["message"] == "invalid configuration"]
        assert event["level"] == "error"
        assert {error["key"]: error["detail"] for error in event["errors"]} == {
            "APP_ENV": 'must be one of development, production, got "staging"',
            "APP_PORT": 'must be an integer from 0 to 65535, got "70000"',
            "APP_LOG_LEVEL": 'must be one of debug, info, warning, error, got "loud"',
            "APP_DRAIN_SECONDS": 'must be a number from 0 to 300, got "soon"',
            "APP_MAX_IN_FLIGHT": 'must be an integer from 1 to 100000, got "0"',
            "APP_DATABASE_URL": "must be a URL of the form sqlite:///path",
        }
        assert "hunter2" not in "".join(service.lines)

    def test_a_secret_may_come_from_a_file(self, launch: Start, tmp_path: Path) -> None:
        secret = tmp_path / "url"
        secret.write_text(f"sqlite:///{tmp_path / 'filed.db'}\n", encoding="utf-8")
        service = launch({"APP_DATABASE_URL_FILE": str(secret)}).wait_until_ready()
        assert (tmp_path / "filed.db").is_file()
        assert service.stop() == 0

    def test_a_secret_file_that_cannot_be_read(self, launch: Start, tmp_path: Path) -> None:
        service = launch({"APP_DATABASE_URL_FILE": str(tmp_path / "nowhere")})
        assert service.wait() == 2
        errors = [error for event in service.events() for error in event.get("errors", [])]
        assert errors == [{"key": "APP_DATABASE_URL_FILE", "detail": "names a file that cannot be read"}]

    def test_an_unknown_key_is_a_warning(self, launch: Start, fresh: dict[str, str]) -> None:
        service = launch(fresh | {"APP_PROT": "1"}).wait_until_ready()
        assert service.stop() == 0
        (event,) = [event for event in service.events() if event["message"] == "unknown configuration variable"]
        assert (event["level"], event["key"]) == ("warning", "APP_PROT")

    def test_port_is_honoured_where_app_port_is_unset(self, launch: Start, fresh: dict[str, str]) -> None:
        service = launch(fresh | {"APP_PORT": "", "PORT": "0"}).wait_until_ready()
        assert urlsplit(service.public).port not in (0, 8080)
        assert service.stop() == 0

    def test_a_port_in_use_is_a_failed_start(self, launch: Start, fresh: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            service = launch(fresh | {"APP_PORT": str(taken.getsockname()[1])})
            assert service.wait() == 2
        last = json.loads(next(line for line in reversed(service.lines) if line.startswith("{")))
        assert last["level"] == "error"

    def test_a_database_that_cannot_be_opened_is_a_failed_start(self, launch: Start, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        service = launch({"APP_DATABASE_URL": f"sqlite:///{tmp_path / 'file' / 'orders.db'}"})
        assert service.wait() == 2
        assert any(event["level"] == "error" for event in service.events())
