"""Section A: liveness and readiness (A5 to A7)."""

import time
from collections.abc import Callable

from trivium.errors import UserError

from . import wire
from .lifecycle import IN_FLIGHT, UNAVAILABLE, exit_code
from .service_file import Request
from .trial import Trial, expect, expect_in_time
from .wire import Answer, NoAnswerError

PROBES_IN_A_ROW = 100
SATURATING = 300  # requests, where the service's limits cannot be set
TOGGLES = ("", "/disable", "?status=down")
LONGEST_BODY = 2_000  # bytes of a readiness answer without details


def a5(trial: Trial) -> str:
    """Fill every slot with requests that hang, and look at liveness."""
    small: dict[str, float] = {"max_in_flight": 4, "max_queued": 4}
    settings = trial.service.settable(small)
    with trial.running(settings) as running:
        trial.delay("slow", IN_FLIGHT)
        hanging = [trial.slow(running, IN_FLIGHT) for _ in range(20 if settings else SATURATING)]
        time.sleep(0.5)
        end = time.monotonic() + IN_FLIGHT - 1.5
        slowest = 0.0
        while time.monotonic() < end:
            live = running.probe("live", seconds=3)
            expect(live.ok, f"liveness gave {live} while all slots were taken")
            slowest = max(slowest, live.seconds)
            time.sleep(0.02)
        expect_in_time(slowest <= 0.5 + running.slack, f"liveness took {slowest:.2f} s while all slots were taken")
        for call in hanging:
            call.result(IN_FLIGHT)
    return f"the slowest of the probes took {slowest * 1000:.0f} ms"


def a6(trial: Trial) -> str:
    """Ask for readiness often, with the upstream away, and try to turn it off."""
    with trial.running() as running:
        before = running.process.said
        answers = [running.probe("ready") for _ in range(PROBES_IN_A_ROW)]
        bad = [answer for answer in answers if not answer.ok]
        expect(not bad, f"readiness answered {bad[0] if bad else ''} on a healthy service")
        took = sorted(answer.seconds for answer in answers)[PROBES_IN_A_ROW // 2]
        expect_in_time(
            took <= 0.05 + running.slack, f"half of the probes took more than {took * 1000:.0f} ms: not cheap"
        )
        time.sleep(0.3)
        lines = running.process.said - before
        expect(lines < PROBES_IN_A_ROW // 10, f"{PROBES_IN_A_ROW} probes left {lines} lines in the log")
        longest = max(len(answer.body) for answer in answers if isinstance(answer, Answer))
        expect(longest <= LONGEST_BODY, f"the answer has {longest} bytes: more than whether it is ready")
        trial.upstream.close()
        away = running.probe("ready")
        expect(away.ok, f"readiness answered {away} because a shared dependency was away")
        for suffix in TOGGLES:
            request = _post(trial.service.get("probes.ready") + suffix)
            wire.attempt(running.public, request)
            after = running.probe("ready")
            expect(after.ok, f"POST {request.path} turned readiness off, without authentication")
    return f"{PROBES_IN_A_ROW} probes, half of them within {took * 1000:.1f} ms, {lines} lines logged"


def _post(path: str) -> Request:
    return Request(method="POST", path=path)


def a7(trial: Trial) -> str:
    """Send a request at the first moment of readiness; start it with what it cannot work with."""
    with trial.launched() as running:
        limit = time.monotonic() + float(trial.service.get("start_seconds", 60))
        answer: Answer | NoAnswerError = NoAnswerError("it never started", 0)
        while time.monotonic() < limit and running.process.running:
            answer = running.probe("ready", seconds=2)
            if answer.ok:
                break
            allowed = isinstance(answer, NoAnswerError) or answer.status == UNAVAILABLE
            expect(allowed, f"readiness answered {answer} before it was ready, instead of 503")
        if not answer.ok:
            raise UserError(f"{trial.service.name} was not ready in time.")
        first = running.attempt("trivial", seconds=5)
        expect(first.ok, f"readiness said yes, and the first request got {first}")
    broken = trial.service.get("configuration.broken_start")
    if not broken:
        return "the first request after readiness was served"
    return f"the first request after readiness was served; where it cannot work it {_broken_start(trial, broken)}"


def _broken_start(trial: Trial, environment: dict[str, str]) -> str:
    with trial.launched(environment=environment, prepared=False) as running:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            code = running.process.wait(0.2)
            if code is not None:
                expect(code == 1, f"it ended with {exit_code(code)} where it cannot work, instead of 1")
                said = " ".join(running.process.output()).strip()
                expect(bool(said), "it ended without a word where it cannot work")
                return "says why and exits with 1"
            ready = running.probe("ready", seconds=1)
            expect(not ready.ok, "it is ready where it cannot work")
    return "stays unready"


CHECKS: dict[str, Callable[[Trial], str]] = {"A5": a5, "A6": a6, "A7": a7}
