"""Simulations in the background: accepted at once, read later, bounded, and finished or told of at a stop."""

import time
from typing import Any

import httpx
import pytest

from services.conftest import Start
from services.contract import check_json, check_problem
from services.running import Service
from services.test_simulations import expected_inside

ASYNC = {"prefer": "respond-async"}
SMALL = {"iterations": 1000, "seed": 42}
LARGE = {"iterations": 20_000_000, "seed": 1}
DONE_WITHIN = 60.0  # seconds


def begin(base: str, body: dict[str, int], prefer: str = "respond-async") -> httpx.Response:
    return httpx.post(f"{base}/v1/simulations", json=body, headers={"prefer": prefer}, timeout=30)


def finished(base: str, location: str) -> dict[str, Any]:
    """Read a simulation until it has ended."""
    end = time.monotonic() + DONE_WITHIN
    while True:
        job: dict[str, Any] = check_json(httpx.get(f"{base}{location}"), 200, "SimulationJob")
        if job["state"] in ("done", "failed"):
            return job
        assert job["result"] is None
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    "prefer",
    ["respond-async", "Respond-Async", "wait=10, respond-async", 'respond-async; x="a, b"', "a=b,respond-async"],
)
def test_it_is_accepted_at_once_and_read_later(service: Service, prefer: str) -> None:
    answer = begin(service.public, SMALL, prefer)
    accepted = check_json(answer, 202, "SimulationJob")
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.headers["location"] == f"/v1/simulations/{accepted['id']}"
    job = finished(service.public, answer.headers["location"])
    assert (job["id"], job["state"]) == (accepted["id"], "done")
    assert job["result"]["inside"] == expected_inside(**SMALL)


@pytest.mark.parametrize("prefer", ["", "wait=10", "respond-asynchronously", 'x="respond-async"', "return=minimal"])
def test_without_that_preference_the_answer_is_waited_for(service: Service, prefer: str) -> None:
    check_json(begin(service.public, SMALL, prefer), 200, "Simulation")


def test_what_is_not_known_is_not_found(client: httpx.Client) -> None:
    for wrong in ("x", "00000000-0000-4000-8000-000000000000"):
        check_problem(client.get(f"/v1/simulations/{wrong}"), 404)


def test_the_queue_has_an_end(launch: Start, fresh: dict[str, str]) -> None:
    few = {"APP_CPU_WORKERS": "1", "APP_CPU_QUEUE": "2", "APP_DRAIN_SECONDS": "0", "APP_SHUTDOWN_SECONDS": "1"}
    service = launch(fresh | few).wait_until_ready()
    answers = [begin(service.public, LARGE) for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code != 202]
    assert refused
    assert len(answers) - len(refused) >= 3  # one runs, two wait; more where one has ended meanwhile
    for answer in refused:
        check_problem(answer, 503)
        assert int(answer.headers["retry-after"]) >= 1
    service.stop()


def test_a_stop_waits_for_what_runs_in_the_background(launch: Start, fresh: dict[str, str]) -> None:
    service = launch(fresh | {"APP_DRAIN_SECONDS": "0", "APP_SHUTDOWN_SECONDS": "60"}).wait_until_ready()
    assert begin(service.public, LARGE).status_code == 202
    assert service.stop() == 0


def test_what_a_stop_cuts_off_is_told(launch: Start, fresh: dict[str, str]) -> None:
    limits = {"APP_CPU_WORKERS": "1", "APP_CPU_QUEUE": "40", "APP_DRAIN_SECONDS": "0", "APP_SHUTDOWN_SECONDS": "0.1"}
    service = launch(fresh | limits).wait_until_ready()
    ids = {begin(service.public, LARGE).json()["id"] for _ in range(20)}
    assert service.stop() != 0
    told = [event for event in service.events() if event.get("id") in ids]
    assert told
    for event in told:
        assert event["level"] == "error"
        assert event["state"] in ("queued", "running")
        assert event["age_seconds"] >= 0
