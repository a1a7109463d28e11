"""Section B: CPU-bound work (B2, B3 and B6)."""

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from . import metrics, wire
from .trial import InBackground, NotApplicableError, Running, Trial, expect, expect_in_time
from .wire import Answer

BURN = "while True: pass"
WORK = "sum(range(12_000_000))"
LEAST_ROUNDS, ROUNDS = 3, 6
TOGETHER = (
    0.6  # of the time of both jobs has passed when the first one ends; half of it where they wait for one another
)
ROOM = 4  # jobs that run or wait
REFUSED, LATE = 503, 504
Result = Answer | wire.NoAnswerError


def b2(trial: Trial) -> str:
    """Keep every CPU worker busy, and look at probes and other routes."""
    workers = len(_cores())
    with trial.running({"cpu_workers": workers}) as running:
        amount = _amount(trial, running, 0.7)
        before = _p99_beside_others(running, workers)
        stopped = time.monotonic() + 5

        def work() -> list[Result]:
            done = []
            while time.monotonic() < stopped:
                done.append(_compute(trial, running, amount))
            return done

        busy = InBackground.several(workers, work)
        time.sleep(0.3)
        live, trivial = _p99(running, 4)
        for result in [result for one in busy for result in one.result(30) or []]:
            expect(result.ok, f"the CPU-bound request got {result}, so the workers were not busy")
        after = _p99_beside_others(running, workers)
        for name, seen, limit, machine in (
            ("liveness", live, 0.1, max(before[0], after[0])),
            ("another route", trivial, 0.25, max(before[1], after[1])),
        ):
            allowed = max(limit, 3 * machine)
            expect_in_time(seen <= allowed, f"while the CPU workers are busy {name} takes {seen * 1000:.0f} ms (p99)")
    return f"liveness {live * 1000:.0f} ms, another route {trivial * 1000:.0f} ms (p99) beside {workers} busy workers"


def _cores() -> list[int]:
    """Return the cores that the suite may use, and so the service."""
    own = psutil.Process()
    usable = own.cpu_affinity() if hasattr(own, "cpu_affinity") else None  # not every system tells
    return usable or list(range(psutil.cpu_count() or 1))


def _p99(running: Running, seconds: float) -> tuple[float, float]:
    """Return the p99 of liveness and of the trivial request."""
    end, live, trivial = time.monotonic() + seconds, list[float](), list[float]()
    while time.monotonic() < end:
        probe = running.probe("live")
        expect(probe.ok, f"liveness gave {probe}")
        live.append(probe.seconds)
        answer = running.attempt("trivial")
        expect(answer.ok, f"another route got {answer}")
        trivial.append(answer.seconds)
        time.sleep(0.01)
    return _percentile(live), _percentile(trivial)


def _percentile(taken: list[float]) -> float:
    return sorted(taken)[max(0, int(len(taken) * 0.99) - 1)]


def _p99_beside_others(running: Running, processes: int) -> tuple[float, float]:
    """Return what the same probes take beside as much work of other processes: what the machine has a part in."""
    with _burning(processes):
        return _p99(running, 3)


@contextmanager
def _burning(count: int) -> Iterator[None]:
    """Keep so many other processes busy."""
    others = [subprocess.Popen([sys.executable, "-S", "-c", BURN]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def _compute(trial: Trial, running: Running, amount: int, *, seconds: float = 30) -> Result:
    return wire.attempt(running.public, trial.service.request("cpu").amounting(amount), seconds=seconds)


def _amount(trial: Trial, running: Running, seconds: float) -> int:
    """Return how much work takes about so many seconds here."""
    amount, most = 1000, trial.service.request("cpu").most
    _compute(trial, running, amount)
    while True:
        answer = _compute(trial, running, amount)
        expect(answer.ok, f"the CPU-bound request got {answer}")
        if answer.seconds > seconds / 4 or amount >= most:
            return min(most, int(amount * seconds / answer.seconds))
        amount = min(3 * amount, most)


def b3(trial: Trial) -> str:
    """Fill the pool for CPU-bound work beyond its queue, and compare one job with two at once."""
    with trial.running({"cpu_workers": ROOM / 2, "cpu_queue": ROOM / 2}) as running:
        amount = _amount(trial, running, 0.5)
        jobs = _in_parallel(trial, running, amount)
        calls = InBackground.several(12, lambda: _compute(trial, running, 2 * amount))
        answers = [call.result(60) for call in calls]
        done, shed = [a for a in answers if a.ok], [a for a in answers if a.status == REFUSED]
        others = _others(answers)
        expect(not others, f"some of 12 jobs got neither result nor 503: {others}")
        expect(bool(shed), "12 jobs at once, room for 4, and none was refused: the queue has no bound")
        late = len(answers) - len(done) - len(shed)
        expect_in_time(not late, f"{late} of 12 jobs, each of a second, were taken and ended at their deadline")
        expect(len(done) >= ROOM, f"12 jobs at once, room for 4, and only {len(done)} were done")
        silent = [a for a in shed if "retry-after" not in a.headers]
        expect(not silent, f"{len(silent)} of {len(shed)} refusals have no Retry-After")
    both = f"of 12 jobs {len(done)} done, {len(shed)} refused with Retry-After"
    return f"{jobs}; {both}"


def _others(answers: list[Answer]) -> str:
    return ", ".join(sorted({str(a) for a in answers if not a.ok and a.status not in {REFUSED, LATE}}))


def _in_parallel(trial: Trial, running: Running, amount: int) -> str:
    """Run two jobs at once until they take hardly longer than one, and end hardly one after the other.

    In rounds, because what else the machine does changes from second to second; they end when the verdict is clear.
    What two busy processes cost this machine beside one is measured too: where that is much, only the two ends tell.
    """
    jobs, shares, machine = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        alone = _compute(trial, running, amount).seconds
        calls = InBackground.several(2, lambda: _compute(trial, running, amount))
        ends = sorted(call.result(60).seconds for call in calls)
        jobs.append(ends[1] / alone)
        shares.append(ends[0] / ends[1])
        machine.append(_busy(2) / _busy(1))
        parallel = min(jobs) <= _allowed(statistics.median(machine)) and statistics.median(shares) >= TOGETHER
        if parallel and len(jobs) >= LEAST_ROUNDS:
            break
    share = statistics.median(shares)
    seen = f"two jobs at once take {min(jobs):.1f} times as long as one, and the first ends after {share:.0%} of it"
    expect(parallel, f"{seen}: not in parallel")
    return seen


def _allowed(machine: float) -> float:
    return 1.3 * max(1.0, machine) + 0.2


def _busy(count: int) -> float:
    """Return how long so many processes take for some work at once."""
    begun = time.monotonic()
    for process in [subprocess.Popen([sys.executable, "-S", "-c", WORK]) for _ in range(count)]:
        process.wait()
    return time.monotonic() - begun


def b6(trial: Trial) -> str:
    """Give it one core, then all, and look at how many CPU workers it makes."""
    taskset = shutil.which("taskset")
    name = trial.service.get("metrics.cpu_workers")
    cores = _cores()
    if not taskset or len(cores) == 1:
        raise NotApplicableError("this machine has one core, or no taskset")
    environment = dict.fromkeys(trial.service.get("sizing.unset"))
    seen = []
    for allowed in (1, 2):
        mask = ",".join(map(str, cores[:allowed]))
        with trial.running(environment=environment, prefix=(taskset, "--cpu-list", mask)) as running:
            seen.append(metrics.value(running, name))
    expect(seen == [1, 2], f"with 1 and 2 cores it makes {seen[0]:g} and {seen[1]:g} CPU workers")
    return "1 worker on 1 core, 2 on 2"


CHECKS: dict[str, Callable[[Trial], str]] = {"B2": b2, "B3": b3, "B6": b6}
