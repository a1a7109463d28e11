"""The load test: requests arrive at a constant rate, whether or not the ones before were answered.

Locust's users wait for their answers, so that a slow service would be asked less and look better than it is. Here one
user only keeps the time, and every request runs on its own. Run it with `make load`.
"""

import itertools
import os
import random
import sys
import time
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Pool
from locust import FastHttpUser, LoadTestShape, events, task
from locust.env import Environment
from operations import OPERATIONS

SETTINGS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("profiles.toml").read_text(encoding="utf-8"))
THRESHOLDS: dict[str, float] = SETTINGS["thresholds"]
PROFILES: dict[str, dict[str, float]] = SETTINGS["profiles"]
NAME = os.environ.get("PROFILE", "smoke")
if NAME not in PROFILES:
    sys.exit(f"make load: there is no profile {NAME!r}; there are {', '.join(PROFILES)}")
PROFILE = PROFILES[NAME]
MOST_AT_ONCE = 500


class Arrivals(FastHttpUser):
    """Sends requests at the rate of the profile."""

    concurrency = MOST_AT_ONCE
    network_timeout = 10.0
    connection_timeout = 5.0

    @task
    def arrive(self) -> None:
        """Send until the run is over."""
        requests = Pool(MOST_AT_ONCE)
        began = time.perf_counter()
        for number in itertools.count():
            gevent.sleep(max(0.0, began + number / PROFILE["requests_per_second"] - time.perf_counter()))
            requests.spawn(random.choice(OPERATIONS), self.client)


class Run(LoadTestShape):
    """One user for the time of the profile; what happened in the warm-up is forgotten."""

    warm = False

    def tick(self) -> tuple[int, float] | None:
        """Say how many users there are now; None ends the run."""
        seconds = self.get_run_time()
        if not self.warm and self.runner and seconds >= THRESHOLDS["warm_up_seconds"]:
            self.warm = True
            self.runner.stats.reset_all()
        return (1, 1) if seconds < PROFILE["seconds"] else None


@events.init.add_listener
def _check_target(environment: Environment, **_: object) -> None:
    """Say so at once when nobody answers."""
    try:
        with urllib.request.urlopen(f"{environment.host}/readyz", timeout=5):
            pass
    except OSError as error:
        sys.exit(f"make load: no ready service answers at {environment.host} ({error}); start one with make run")


@events.quitting.add_listener
def _judge(environment: Environment, **_: object) -> None:
    """Compare with the thresholds; a broken one is the exit code."""
    total = environment.stats.total
    offered = PROFILE["requests_per_second"] * (PROFILE["seconds"] - THRESHOLDS["warm_up_seconds"])
    measured = {
        "error_rate": (total.fail_ratio, "at most", total.fail_ratio <= THRESHOLDS["error_rate"]),
        "p95_ms": (p95 := total.get_response_time_percentile(0.95), "at most", p95 <= THRESHOLDS["p95_ms"]),
        "achieved": (share := total.num_requests / offered, "at least", share >= THRESHOLDS["achieved"]),
    }
    for name, (value, bound, kept) in measured.items():
        print(f"{'ok    ' if kept else 'BROKEN'} {name} {value:g}, {bound} {THRESHOLDS[name]:g}")
    environment.process_exit_code = 0 if total.num_requests and all(kept for *_, kept in measured.values()) else 1
