"""The load test: requests arrive at the rates of slo.yaml, whether or not the ones before were answered.

Locust's users wait for their answers, so that a slow service would be asked less and look better than it is. Here one
user only keeps the time, and every request runs on its own. Run it with `make load`; docs/load.md tells the rest.
"""

import itertools
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Pool
from locust import FastHttpUser, LoadTestShape, events, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from asking import Asking
from loadtest.entry import BadSloError
from loadtest.judging import judge, overview
from loadtest.schedule import Schedule, spread
from loadtest.slo import read
from loadtest.tally import Tally
from operations import MIX, prepare

MOST_AT_ONCE = 1000
TIMEOUT_SECONDS = 10.0
PROGRESS_SECONDS = 5

try:
    SLO = read(Path(__file__).parents[1] / "slo.yaml")
    OBJECTIVES = SLO.of_mix(MIX)
    SCHEDULE = Schedule(SLO.warm_up_seconds, SLO.profile(os.environ.get("PROFILE", "smoke")))
except BadSloError as error:
    sys.exit(f"make load: {error}")


@dataclass
class Progress:
    """How far a run is."""

    tally: Tally = field(default_factory=Tally)
    ended: set[str] = field(default_factory=set[str])  # the senders that sent everything and waited for the answers
    trouble: str = ""  # why there is no sense in going on


PROGRESS = Progress()


def senders(environment: Environment) -> int:
    """Return how many processes share the requests."""
    distributed = isinstance(environment.runner, MasterRunner | WorkerRunner)
    return int(environment.parsed_options.expect_workers) if distributed and environment.parsed_options else 1


class Arrivals(FastHttpUser):
    """Sends each request when it is due."""

    concurrency = MOST_AT_ONCE
    network_timeout = TIMEOUT_SECONDS
    connection_timeout = TIMEOUT_SECONDS

    @task
    def arrive(self) -> None:
        """Send all of the schedule, and wait for the answers."""
        if not PROGRESS.ended:
            ask = Asking(self.client, SLO.objectives, time.perf_counter())
            prepare(ask)
            if ask.trouble:
                PROGRESS.trouble = f"what the requests need could not be made: {ask.trouble}"
            else:
                self._send()
            PROGRESS.ended.add("self")
        gevent.sleep(1)

    def _send(self) -> None:
        runner = self.environment.runner
        index = runner.worker_index if isinstance(runner, WorkerRunner) else 0
        names = itertools.cycle(spread({name: weight for name, (weight, _) in MIX.items()}))
        requests = Pool(MOST_AT_ONCE)
        began = time.perf_counter()
        for arrival, name in zip(SCHEDULE.arrivals(index, senders(self.environment)), names, strict=False):
            due = began + arrival.seconds
            gevent.sleep(max(0.0, due - time.perf_counter()))
            requests.spawn(self._ask, name, due, PROGRESS.tally if arrival.measured else None)
        requests.join(timeout=TIMEOUT_SECONDS)

    def _ask(self, name: str, due: float, tally: Tally | None) -> None:
        if tally:
            tally.offered += 1
        if (late := time.perf_counter() - due) > TIMEOUT_SECONDS:  # who waited for it has given up
            if tally:
                tally.of(name).add(late, failed=True)
            return
        ask = Asking(self.client, SLO.objectives, due, tally)
        MIX[name][1](ask)
        if tally and ask.answered:
            tally.answered += 1


class Run(LoadTestShape):
    """One user for each sender, until all have ended; tells meanwhile how far they are."""

    told = 0.0

    def tick(self) -> tuple[int, float] | None:
        """Say how many users there are now; None ends the run."""
        count = senders(self.runner.environment) if self.runner else 1
        seconds, tally = self.get_run_time(), PROGRESS.tally
        lost = seconds > SCHEDULE.seconds + 3 * TIMEOUT_SECONDS  # a sender that never ends
        if len(PROGRESS.ended) >= count or PROGRESS.trouble or lost:
            return None
        if seconds >= self.told + PROGRESS_SECONDS:
            self.told = seconds
            counts = f"{tally.answered} of {tally.offered} requests answered, {tally.failed} failed"
            print(f"{seconds:.0f} s of {SCHEDULE.seconds:g} s: {counts}", flush=True)
        return count, count


@events.init.add_listener
def _begin(environment: Environment, **_: object) -> None:
    """Say so at once when nobody answers; end at once, workers too, on Ctrl-C."""
    runner = environment.runner
    if not runner or isinstance(runner, WorkerRunner):
        return
    gevent.signal_handler(signal.SIGINT, runner.quit)
    try:
        with urllib.request.urlopen(f"{environment.host}/readyz", timeout=5):
            pass
    except (OSError, HTTPException, ValueError) as error:
        sys.exit(f"make load: no ready service answers at {environment.host} ({error}); start one with make run")


@events.report_to_master.add_listener
def _tell_master(data: dict[str, Any], **_: object) -> None:
    data["load"] = [PROGRESS.tally.take(), bool(PROGRESS.ended), PROGRESS.trouble]


@events.worker_report.add_listener
def _hear_worker(client_id: str, data: dict[str, Any], **_: object) -> None:
    taken, ended, trouble = data["load"]
    PROGRESS.tally.add(taken)
    PROGRESS.trouble = PROGRESS.trouble or trouble
    if ended:
        PROGRESS.ended.add(client_id)


@events.quitting.add_listener
def _judge(environment: Environment, **_: object) -> None:
    """Print the verdict; a broken limit is the exit code."""
    if isinstance(environment.runner, WorkerRunner):
        return
    environment.process_exit_code = 1
    if PROGRESS.trouble:
        print(f"make load: {PROGRESS.trouble}", file=sys.stderr)
    elif len(PROGRESS.ended) < senders(environment):
        print("make load: stopped before its end, so that nothing is judged", file=sys.stderr)
    else:
        limits = list(judge(PROGRESS.tally, OBJECTIVES, SLO.least_achieved))
        environment.process_exit_code = 0 if all(limit.kept for limit in limits) else 1
        print(*overview(PROGRESS.tally), *_failures(environment), *limits, sep="\n")
        if environment.parsed_options and environment.parsed_options.html_file:
            print(f"report: {environment.parsed_options.html_file}", flush=True)


def _failures(environment: Environment) -> Iterator[str]:
    """Go through the reasons why requests failed, the most frequent ones."""
    errors = environment.stats.errors.values()
    for error in sorted(errors, key=lambda error: error.occurrences, reverse=True)[:5]:
        yield f"       {error.name} failed {error.occurrences} times: {error.error}"
