"""Section A: lifecycle; health.py has A5 to A7."""

import os
import re
import shutil
import time
from collections.abc import Callable
from signal import SIGTERM

from . import process
from .trial import FailedError, NotApplicableError, Running, Trial, expect, expect_in_time, filled

NOTICE_MS = 100.0  # how soon readiness has to turn, unless the service file says otherwise
IN_FLIGHT = 5.0  # seconds that the request in flight takes
UNAVAILABLE = 503
STOPS_WITHIN = 10.0
AGE = re.compile(r"(?<![A-Za-z])age|Age")  # and not the end of "message"


def a1(trial: Trial) -> str:
    """Watch readiness, liveness, new requests and one in flight through a stop."""
    drain = trial.setting("drain_seconds") or 0.0
    wrong, late = [], ""
    with trial.running() as running:
        in_flight = trial.slow(running, IN_FLIGHT)
        time.sleep(0.3)
        told = time.monotonic()
        running.process.send(SIGTERM)
        turned = _turned(running, told, limit=max(2.0, drain))
        notice = trial.service.get("notice_ms", NOTICE_MS) / 1000 + running.slack
        if turned is None:
            wrong.append("readiness never turned to 503")
        elif turned > notice:
            late = f"readiness turned to 503 after {turned * 1000:.0f} ms"
        served, refused, dead = _served_until(running, told + drain - 0.2)
        if refused or (drain and not served):
            wrong.append(
                f"{len(refused)} of {served + len(refused)} new requests failed in the drain ({_first(refused)})"
            )
        if dead:
            wrong.append(f"liveness failed in the drain ({_first(dead)})")
        answer = in_flight.result(IN_FLIGHT + STOPS_WITHIN)
        if not (answer and answer.ok):
            wrong.append(f"the request in flight was lost ({answer or 'no answer'})")
        code = running.process.wait(STOPS_WITHIN + drain)
        if code != 0:
            wrong.append(f"the exit code is {exit_code(code)}")
    expect(not wrong, "; ".join(filter(None, [late, *wrong])))
    expect_in_time(not late, late)
    return f"503 after {turned or 0:.3f} s, {served} new requests served in {drain:g} s, the one in flight too, exit 0"


def _turned(running: Running, told: float, limit: float) -> float | None:
    """Return the seconds from the signal to the first 503 of readiness; None when there was none."""
    while time.monotonic() < told + limit:
        asked = time.monotonic()
        answer = running.probe("ready", seconds=1)
        if answer.status == UNAVAILABLE:
            return asked - told
        if not running.process.running:
            return None
        time.sleep(0.005)
    return None


def _served_until(running: Running, end: float) -> tuple[int, list[object], list[object]]:
    """Send trivial requests and liveness probes; return the served ones, the failures of both."""
    served, refused, dead = 0, list[object](), list[object]()
    while time.monotonic() < end:
        answer = running.attempt("trivial", seconds=2)
        if answer.ok:
            served += 1
        else:
            refused.append(answer)
        live = running.probe("live", seconds=2)
        if not live.ok:
            dead.append(live)
        time.sleep(0.03)
    return served, refused, dead


def _first(answers: list[object]) -> str:
    return str(answers[0]) if answers else "none was served"


def exit_code(code: int | None) -> str:
    """Return an exit code in words."""
    if code is None:
        return "none, it still runs"
    return f"{code}" if code >= 0 else f"{code} (ended by signal {-code})"


def a2(trial: Trial) -> str:
    """Let a request outlive the shutdown limit."""
    lasting = 8.0
    settings = trial.service.settable({"shutdown_seconds": 1})
    path = trial.service.request("slow").path.split("?", maxsplit=1)[0]
    with trial.running(settings) as running:
        in_flight = trial.slow(running, lasting)
        time.sleep(0.3)
        before = running.process.said
        code = running.stop(seconds=(trial.setting("drain_seconds") or 0) + lasting + STOPS_WITHIN)
        answer = in_flight.result(1)
        if answer is not None and answer.ok:
            expect(code == 0, f"nothing was lost, yet the exit code is {exit_code(code)}")
            return "the request was allowed to finish; nothing was lost"
        expect(code is not None, "it still runs long after the limit for requests in flight")
        expect(code != 0, f"a request was cut off ({answer}), and the exit code is 0")
        named = [line for line in running.process.output(before) if path in line]
        expect(bool(named), f"a request was cut off, and no line of the log names {path}")
        expect(
            any(AGE.search(line) for line in named), f"the log names {path} and not how long the lost request had run"
        )
    return f"logged with its route and age, exit code {code}"


def a3(trial: Trial) -> str:
    """Stop it when idle; start it where its port is taken."""
    with trial.running() as running:
        code = running.stop(seconds=(trial.setting("drain_seconds") or 0) + 30)
    expect(code == 0, f"the exit code after a clean stop is {exit_code(code)}")
    with trial.running() as first:
        code = _second_start(trial, first)
    expect(code is not None, "it keeps running where its port is in use")
    expect(code == 1, f"the exit code where its port is in use is {exit_code(code)}")
    return "0 after a clean stop, 1 where its port is in use"


def _second_start(trial: Trial, first: Running) -> int | None:
    with trial.places() as places:
        places["port"] = first.public
        environment = trial.environment(places)
        trial.before(environment, places)
        command = filled(trial.service.command, places)
        code, _, _ = process.run(command, trial.service.folder, environment, trial.start_seconds)
    return code


def a4(trial: Trial) -> str:
    """Signal twice while a request is in flight."""
    with trial.running() as running:
        trial.slow(running, IN_FLIGHT)
        time.sleep(0.3)
        running.process.send(SIGTERM)
        time.sleep(0.6)
        if not running.process.running:
            raise FailedError("it ended at the first signal, with a request in flight")
        told = time.monotonic()
        code = running.stop(seconds=IN_FLIGHT + STOPS_WITHIN)
        took = time.monotonic() - told
        expect(code is not None, "it still runs after the second signal")
        expect_in_time(took <= 1 + running.slack, f"it took {took:.1f} s after the second signal")
        expect(code != 0, "the exit code is 0, though a request was abandoned")
    return f"ended after {took:.2f} s with {exit_code(code)}"


def a8(trial: Trial) -> str:
    """Take the upstream away and bring it back."""
    with trial.running() as running:
        expect(
            running.attempt("outbound").ok,
            f"the request failed with its upstream in place ({running.attempt('outbound')})",
        )
        trial.upstream.close()
        end = time.monotonic() + 5
        while time.monotonic() < end:
            answer = running.attempt("outbound", seconds=10)
            expect(not answer.ok, "the request succeeded without its upstream")
            expect(
                answer.status > UNAVAILABLE - 2, f"the request got {answer} without its upstream, instead of 502 to 504"
            )
            limit = 5 + running.slack
            expect(answer.seconds <= limit, f"the request took {answer.seconds:.1f} s to fail without its upstream")
            expect(running.probe("live").ok, "liveness failed with the upstream away")
            time.sleep(0.1)
        trial.upstream.open()
        back = time.monotonic()
        while not (answer := running.attempt("outbound", seconds=10)).ok:
            expect(
                time.monotonic() < back + 5 + running.slack, f"5 s after its upstream is back the request gets {answer}"
            )
            time.sleep(0.05)
        expect(running.process.running, "it ended")
    return f"failed soon while it was away, well again {time.monotonic() - back:.1f} s after it was back, same process"


def a9(trial: Trial) -> str:
    """Run it as process 1 of its own namespace."""
    prefix = (shutil.which("unshare") or "unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
    if not shutil.which("unshare") or process.run([*prefix, "true"], trial.service.folder, os.environ, 5)[0] != 0:
        raise NotApplicableError("this machine lets nobody make a process namespace (unshare)")
    with trial.running(prefix=prefix) as running:
        inner = [entry for entry in running.process.tree() if entry.pid != running.process.pid]
        expect(bool(inner), "it has no process")
        inner[0].send_signal(SIGTERM)
        code = running.process.wait((trial.setting("drain_seconds") or 0) + 30)
        expect(code is not None, "SIGTERM does not reach it as process 1")
        expect(code == 0, f"as process 1 it ends with {exit_code(code)}")
    return "SIGTERM reaches it, exit 0"


CHECKS: dict[str, Callable[[Trial], str]] = {
    "A1": a1,
    "A2": a2,
    "A3": a3,
    "A4": a4,
    "A8": a8,
    "A9": a9,
}
