"""Section B: concurrency; cpu_work.py has B2, B3 and B6."""

import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from . import metrics, overload
from .trial import InBackground, Running, Trial, expect, expect_in_time


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
        expect(
            most >= 1,
            f"{trial.service.get('metrics.in_flight')} stayed 0 while {10 * limit} requests were sent at once",
        )
        expect(most <= limit, f"{most:g} requests ran at once, with a limit of {limit}")
        answers = [call.result(5) for call in calls]
        expect(any(answer.ok for answer in answers), "of ten times as many requests as may run none succeeded")
        lost = [answer for answer in answers if not answer.ok and answer.status not in overload.REFUSALS]
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


CHECKS: dict[str, Callable[[Trial], str]] = {"B1": b1, "B4": b4, "B5": b5}
