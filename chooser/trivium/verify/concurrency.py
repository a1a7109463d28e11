"""Section B: concurrency."""

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

from . import metrics, overload, wire
from .trial import FailedError, InBackground, NotApplicableError, Running, Trial, expect, expect_in_time
from .wire import Answer

BURN = "while True: pass"
WORK = "sum(range(12_000_000))"
ROUNDS = 6
TOGETHER = 0.75  # of the time of both jobs has passed when the first one ends: they did not run one after the other
SHED = {429, 503}
Result = Answer | wire.NoAnswerError


def b1(trial: Trial) -> str:
    """Send ten times as many requests at once as may run, and look at what is left of them."""
    limit, queued = 8, 8
    with trial.running({"max_in_flight": limit, "max_queued": queued}) as running:
        trial.delay("slow", 0.2)
        overload.closed(lambda: running.attempt("slow", lasting=0.2), 8, 1)  # warms it up
        trial.delay("slow", 1)
        time.sleep(1)
        before = _resources(running)
        calls = InBackground.several(10 * limit, lambda: running.attempt("slow", lasting=1))
        most = 0.0
        while not all(call.done for call in calls):
            most = max(most, metrics.value(running, trial.service.get("metrics.in_flight")))
            time.sleep(0.02)
        expect(most <= limit, f"{most:g} requests ran at once, with a limit of {limit}")
        answers = [call.result(5) for call in calls]
        expect(any(answer.ok for answer in answers), "of ten times as many requests as may run none succeeded")
        lost = [answer for answer in answers if not answer.ok and answer.status not in SHED]
        expect(not lost, f"{len(lost)} of {len(answers)} requests got {lost[0] if lost else ''}")
        after = _settled(running, before)
        grown = {name: (before[name], after[name]) for name in before if after[name] > before[name] * 1.05 + 2}
        left = ", ".join(f"{name} from {was} to {now}" for name, (was, now) in grown.items())
        expect(not grown, f"five seconds after the burst they have grown: {left}")
    back = " and ".join(f"{count} {name}" for name, count in after.items())
    return f"at most {most:g} at once; afterwards {back}, as before"


def _resources(running: Running) -> dict[str, int]:
    """Return how many threads and descriptors the service and its children hold."""
    found = {"threads": 0, "descriptors": 0}
    for process in running.process.tree():
        with suppress(psutil.NoSuchProcess):
            found["threads"] += process.num_threads()
            found["descriptors"] += process.num_fds()
    return found


def _settled(running: Running, before: dict[str, int]) -> dict[str, int]:
    """Return the resources once they are back, or after five seconds."""
    end = time.monotonic() + 5
    now = _resources(running)
    while time.monotonic() < end and any(now[name] > before[name] for name in before):
        time.sleep(0.2)
        now = _resources(running)
    return now


def b2(trial: Trial) -> str:
    """Keep every CPU worker busy, and look at probes and other routes."""
    workers = len(_cores())
    with trial.running({"cpu_workers": workers}) as running:
        amount = _amount(trial, running, 0.7)
        with _burning(workers):
            beside_others = _p99(running, 3)
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
        for name, seen, limit, machine in (
            ("liveness", live, 0.1, beside_others[0]),
            ("another route", trivial, 0.25, beside_others[1]),
        ):
            allowed = max(limit, 3 * machine)  # the same probes beside as much work of other processes
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
        expect(probe.ok, f"liveness answered {probe}")
        live.append(probe.seconds)
        answer = running.attempt("trivial")
        expect(answer.ok, f"another route got {answer}")
        trivial.append(answer.seconds)
        time.sleep(0.01)
    return _percentile(live), _percentile(trivial)


def _percentile(taken: list[float]) -> float:
    return sorted(taken)[max(0, int(len(taken) * 0.99) - 1)]


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
    amount = 1000
    _compute(trial, running, amount)
    while True:
        answer = _compute(trial, running, amount)
        expect(answer.ok, f"the CPU-bound request got {answer}")
        if answer.seconds > seconds / 4:
            return int(amount * seconds / answer.seconds)
        amount *= 3
        if amount > 20_000_000:
            return 20_000_000


def b3(trial: Trial) -> str:
    """Fill the pool for CPU-bound work beyond its queue, and compare one job with two at once."""
    with trial.running({"cpu_workers": 2, "cpu_queue": 2}) as running:
        amount = _amount(trial, running, 0.5)
        jobs = _in_parallel(trial, running, amount)
        calls = InBackground.several(12, lambda: _compute(trial, running, 2 * amount))
        answers = [call.result(60) for call in calls]
        done, shed = [a for a in answers if a.ok], [a for a in answers if a.status == 503]
        expect(len(done) + len(shed) == len(answers), f"some of 12 jobs got neither result nor 503: {_others(answers)}")
        expect(bool(shed), "12 jobs at once, room for 4, and none was refused: the queue has no bound")
        expect(len(done) >= 4, f"12 jobs at once, room for 4, and only {len(done)} were done")
        silent = [a for a in shed if "retry-after" not in a.headers]
        expect(not silent, f"{len(silent)} of {len(shed)} refusals have no Retry-After")
    both = f"of 12 jobs {len(done)} done, {len(shed)} refused with Retry-After"
    return f"{jobs}; {both}"


def _others(answers: list[Answer]) -> str:
    return ", ".join(sorted({str(a) for a in answers if not a.ok and a.status != 503}))


def _in_parallel(trial: Trial, running: Running, amount: int) -> str:
    """Run two jobs at once until they take hardly longer than one, and end hardly one after the other.

    In rounds, because what else the machine does changes from second to second; they end when the verdict is clear.
    What two busy processes cost this machine beside one is measured too: where that is much, only the two ends tell.
    """
    seen, machine = list[str](), list[float]()
    for _ in range(ROUNDS):
        alone = _compute(trial, running, amount).seconds
        ends = sorted(
            call.result(60).seconds for call in InBackground.several(2, lambda: _compute(trial, running, amount))
        )
        machine.append(_busy(2) / _busy(1))
        times, share = ends[1] / alone, ends[0] / ends[1]
        seen.append(f"two jobs at once take {times:.1f} times as long as one, the first {share:.0%} of it")
        if times <= _allowed(statistics.median(machine)) and share >= TOGETHER:
            return seen[-1]
    raise FailedError(f"{seen[-1]}: not in parallel")


def _allowed(machine: float) -> float:
    return 1.3 * max(1.0, machine) + 0.2


def _busy(count: int) -> float:
    """Return how long so many processes take for some work at once."""
    begun = time.monotonic()
    for process in [subprocess.Popen([sys.executable, "-S", "-c", WORK]) for _ in range(count)]:
        process.wait()
    return time.monotonic() - begun


def b4(trial: Trial) -> str:
    """Let a hundred clients ask for something slow and leave; ask for the same at once."""
    with trial.running({"max_in_flight": 4, "max_queued": 200, "queue_timeout_ms": 20000}) as running:
        trial.delay("slow", 8)
        leaving = InBackground.several(100, lambda: running.attempt("slow", seconds=1.0, lasting=8))
        for call in leaving:
            call.result(10)
        trial.delay("slow", 0)
        answer = running.attempt("trivial", seconds=10)
        expect(answer.ok, f"after a hundred clients had left, the next request got {answer}")
        limit = 0.25 + 2 * running.slack
        expect_in_time(
            answer.seconds <= limit, f"after a hundred clients had left, the next request waited {answer.seconds:.2f} s"
        )
    return f"the next request took {answer.seconds * 1000:.0f} ms"


def b5(trial: Trial) -> str:
    """Ask three upstreams at once: equally slow, then one of them failing."""
    environment = trial.service.get("fanout.environment")
    with trial.running(environment=environment) as running:
        running.attempt("outbound")
        trial.reset_upstreams()
        _slow_down(trial, 0.8)
        answer = running.attempt("outbound", seconds=15)
        expect(answer.ok, f"with three healthy upstreams it got {answer}")
        asked = sum(bool(upstream.calls) for upstream in trial.upstreams)
        expect(asked == len(trial.upstreams), f"of three upstreams it asked {asked}")
        limit = 0.8 + 0.5 + running.slack
        expect_in_time(
            answer.seconds <= limit, f"three upstreams of 0.8 s took {answer.seconds:.1f} s: one after another"
        )
        trial.reset_upstreams()
        _slow_down(trial, 8)
        trial.upstream.close()
        failed = running.attempt("outbound", seconds=15)
        expect(not failed.ok, "it succeeded with one of three upstreams away")
        expect_in_time(
            failed.seconds <= 2 + running.slack, f"the first failure was answered after {failed.seconds:.1f} s"
        )
        time.sleep(0.3 + running.slack)
        calls = [call for upstream in trial.others for call in upstream.calls]
        still = [call for call in calls if call.left_after is None]
        expect_in_time(not still, f"after the first failure {len(still)} of the other calls still run")
    return f"three of 0.8 s in {answer.seconds:.1f} s; one failure ended the others after {failed.seconds:.2f} s"


def _slow_down(trial: Trial, seconds: float) -> None:
    for upstream in trial.upstreams:
        upstream.delay = seconds


def b6(trial: Trial) -> str:
    """Give it one core, then all, and look at how many CPU workers it makes."""
    taskset = shutil.which("taskset")
    name = trial.service.get("metrics.cpu_workers")
    cores = _cores()
    if not taskset or len(cores) < 2:
        raise NotApplicableError("this machine has one core, or no taskset")
    environment = dict.fromkeys(trial.service.get("sizing.unset"))
    seen = []
    for allowed in (1, 2):
        mask = ",".join(map(str, cores[:allowed]))
        with trial.running(environment=environment, prefix=(taskset, "--cpu-list", mask)) as running:
            seen.append(metrics.value(running, name))
    expect(seen == [1, 2], f"with 1 and 2 cores it makes {seen[0]:g} and {seen[1]:g} CPU workers")
    return "1 worker on 1 core, 2 on 2"


CHECKS: dict[str, Callable[[Trial], str]] = {"B1": b1, "B2": b2, "B3": b3, "B4": b4, "B5": b5, "B6": b6}
