"""Simulations: the same integer from the same seed in every language, computed beside the request scheduler."""

import threading
import time

import httpx
import pytest

from services.contract import check_json, check_problem, places
from services.running import Service

MASK = (1 << 64) - 1


def expected_inside(iterations: int, seed: int) -> int:
    """Count by the contract's words, one point at a time: xorshift64* (Vigna 2016)."""
    state, inside = seed, 0

    def coordinate() -> float:
        nonlocal state
        state ^= state >> 12
        state ^= (state << 25) & MASK
        state ^= state >> 27
        return ((state * 0x2545F4914F6CDD1D & MASK) >> 11) * 2.0**-53

    for _ in range(iterations):
        x, y = coordinate(), coordinate()
        inside += x * x + y * y <= 1
    return inside


@pytest.mark.parametrize(("iterations", "seed"), [(1, 1), (1000, 42), (20_000, 2**53 - 1), (12_345, 987_654_321)])
def test_the_same_seed_gives_the_same_integer(client: httpx.Client, iterations: int, seed: int) -> None:
    body = {"iterations": iterations, "seed": seed}
    result = check_json(client.post("/v1/simulations", json=body), 200, "Simulation")
    assert result | body == result
    assert result["inside"] == expected_inside(iterations, seed)
    assert result["estimate"] == 4 * result["inside"] / iterations


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, ["#/iterations", "#/seed"]),
        ({"iterations": 0, "seed": 0}, ["#/iterations", "#/seed"]),
        ({"iterations": 20_000_001, "seed": 2**53}, ["#/iterations", "#/seed"]),
        ({"iterations": "1", "seed": 1.5}, ["#/iterations", "#/seed"]),
    ],
)
def test_bad_simulations_are_named(client: httpx.Client, body: dict[str, object], at: list[str]) -> None:
    assert places(check_problem(client.post("/v1/simulations", json=body), 422)) == at


def test_probes_and_orders_are_served_while_the_cpu_pool_is_busy(
    service: Service, client: httpx.Client, admin: httpx.Client
) -> None:
    done: list[int] = []

    def simulate() -> None:
        body = {"iterations": 3_000_000, "seed": 7}
        done.append(httpx.post(f"{service.public}/v1/simulations", json=body, timeout=60).status_code)

    workers = [threading.Thread(target=simulate) for _ in range(4)]
    for worker in workers:
        worker.start()
    slowest = 0.0
    while any(worker.is_alive() for worker in workers):
        for listener, path in ((admin, "/livez"), (client, "/v1/orders?limit=1")):
            begun = time.monotonic()
            assert listener.get(path).status_code == 200
            slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.02)
    assert set(done) <= {200, 503}
    assert slowest < 5  # far above any busy machine's delay, far below one computation after another
