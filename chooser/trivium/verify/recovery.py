"""Section F: what was acknowledged outlives the process and the database server (F8, F9)."""

import time
from collections.abc import Callable
from secrets import SystemRandom
from signal import SIGKILL

from .ledger import Ledger
from .trial import NotApplicableError, Running, Trial, expect, expect_in_time
from .wire import NoAnswerError
from .writes import DEADLINE, back, refused, well

KILLS = 3
OUTAGE_SECONDS = 20.0
SETTING_IN = 0.5  # seconds in which the last answers from before an outage may come
CLIENTS, PAUSE = 4, 0.1  # so that an outage is not filled with refusals by the thousand
PROBED_WITHIN = 0.5


def f8(trial: Trial) -> str:
    """Kill it under load, again and again, and compare what it acknowledged with what is there."""
    ledger = Ledger(trial.service)
    with trial.prepared() as places:
        for _ in range(KILLS):
            with trial.ready(places) as running, ledger.flowing(running):
                time.sleep(SystemRandom().uniform(0.5, 1.5))
                running.process.send(SIGKILL)
                running.process.wait(10)
        with trial.ready(places) as running:
            expect(
                bool(ledger.acknowledged), f"no request was served: {next(iter(ledger.answers.values()), 'none sent')}"
            )
            open_ = len(ledger.answers) - len(ledger.acknowledged)
            ledger.settle(running)
            seen = ledger.check(running.database, trial.service.get("database.stored"))
    return f"killed {KILLS} times, {open_} requests repeated; {seen}"


def f9(trial: Trial) -> str:
    """Stop the database server under load, and start it again."""
    server = trial.databases.server
    if server is None:
        raise NotApplicableError("SQLite is part of the process: there is no server that could be away")
    ledger, small = Ledger(trial.service), trial.service.settable({"request_timeout_seconds": 2})
    deadline = small.get("request_timeout_seconds") or trial.setting("request_timeout_seconds") or DEADLINE
    with trial.running(small) as running:
        with ledger.flowing(running, CLIENTS, PAUSE) as results:
            time.sleep(1)
            expect(any(result.ok for result in results), "no request was served before the database was stopped")
            server.stop()
            time.sleep(SETTING_IN)
            before = len(results)
            probes = _outlive(trial, running)
            away = results[before:]
            expect(bool(away), f"no request was answered while the database was away for {_outage(trial):g} s")
            slowest = refused(away, deadline + running.slack, "with the database away")
            server.start()
            took = back(ledger, running, "the database is back")
            time.sleep(1)
        expect(not ledger.others, f"when the database comes and goes requests get {', '.join(ledger.others)}")
        mute = [answer for answer in ledger.answers.values() if isinstance(answer, NoAnswerError)]
        expect(
            not mute, f"{len(mute)} requests got no answer when the database came and went ({mute[0] if mute else ''})"
        )
        ledger.settle(running)
        seen = ledger.check(running.database, trial.service.get("database.stored"))
    refusals = f"{len(away)} refusals, the slowest after {slowest:.1f} s"
    return (
        f"away for {_outage(trial):g} s: {refusals}, {probes} probes fine; well {took:.1f} s after it was back; {seen}"
    )


def _outage(trial: Trial) -> float:
    return float(trial.service.get("database.outage_seconds", OUTAGE_SECONDS))


def _outlive(trial: Trial, running: Running) -> int:
    """Watch it through the outage; return how often it was probed."""
    probes, end = 0, time.monotonic() + _outage(trial)
    while time.monotonic() < end:
        expect(running.process.running, "it ended when the database was away")
        well(trial, running, "with the database away")
        live = running.probe("live")
        expect_in_time(live.seconds <= PROBED_WITHIN + running.slack, f"liveness takes {live.seconds:.1f} s")
        probes += 1
        time.sleep(0.1)
    return probes


CHECKS: dict[str, Callable[[Trial], str]] = {"F8": f8, "F9": f9}
