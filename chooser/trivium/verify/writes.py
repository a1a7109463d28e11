"""Section F: what a request writes: whole or not at all, in time, once for each key (F3, F4, F5)."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from http import HTTPStatus
from signal import SIGKILL
from typing import Any

from . import metrics, wire
from .database import CANARY, Database
from .ledger import Ledger, Result, new_key
from .trial import FailedError, NotApplicableError, Running, Trial, expect, expect_in_time
from .wire import Answer

CROWD = 20  # requests that want what is held
EQUAL = 50  # requests with one key
HELD_FOR = 0.5  # seconds: less than any of them waits
BACK_WITHIN = 5.0
DEADLINE = 10.0  # seconds, where the service file names none
MOST_ATTEMPTS = 10
SHORT: Mapping[str, float] = {"request_timeout_seconds": 4}
RETRIED = {"40001": "a serialization failure", "40P01": "a deadlock"}


def f3(trial: Trial) -> str:
    """Hold what a request writes; then make its last write fail."""
    tables = trial.service.get("database.tables")
    settings = trial.service.settable(SHORT)
    with trial.running(settings, trial.service.get("database.impatient", {})) as running:
        database, ledger = running.database, Ledger(trial.service)
        first = ledger.send(running)
        expect(first.ok, f"the request itself fails ({first})")
        deadline = settings.get("request_timeout_seconds") or trial.setting("request_timeout_seconds") or DEADLINE
        with database.held(tables[0]), ThreadPoolExecutor(CROWD) as pool:
            sent = [pool.submit(ledger.send, running, "", deadline + 10) for _ in range(CROWD)]
            time.sleep(0.2)
            well(trial, running, f"with {tables[0]} held")
            answers = [one.result() for one in sent]
        slowest = refused(answers, deadline + running.slack, f"with {tables[0]} held")
        back(ledger, running, "what was held is free")
        after_all = len(stored(trial, database)) - len(ledger.acknowledged)
        expect(not after_all, f"{after_all} of {CROWD} refused requests were carried out after all")
        ledger.settle(running)
        ledger.check(database, trial.service.get("database.stored"))
        _half(trial, running, tables[-1])
    return f"{CROWD} requests refused within {slowest:.1f} s; a failure at {tables[-1]} leaves nothing behind"


def stored(trial: Trial, database: Database) -> list[tuple[Any, ...]]:
    """Return what is stored, in an order of its own."""
    return sorted(database.rows(trial.service.get("database.stored")))


def well(trial: Trial, running: Running, when: str) -> None:
    """Look at what needs no database."""
    if trial.service.get("probes.live"):
        live = running.probe("live")
        expect(live.ok, f"liveness answers {live} {when}")
    if trial.service.get("requests.unaffected"):
        other = running.attempt("unaffected")
        expect(other.ok, f"a request that needs no database gets {other} {when}")


def refused(answers: list[Result], limit: float, when: str) -> float:
    """Look at answers that have to be refusals for now; return the seconds of the slowest."""
    for answer in answers:
        if not isinstance(answer, Answer) or answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise FailedError(f"{when} a request gets {answer} after {answer.seconds:.1f} s, not 503")
        expect("retry-after" in answer.headers, f"{when} a request gets 503 without Retry-After")
    slowest = max(answer.seconds for answer in answers)
    expect_in_time(slowest <= limit, f"{when} a request takes {slowest:.1f} s to be refused")
    return slowest


def back(ledger: Ledger, running: Running, since: str) -> float:
    """Wait until a request succeeds again; return how long that took."""
    begun = time.monotonic()
    while not (answer := ledger.send(running)).ok:
        late = time.monotonic() > begun + BACK_WITHIN + running.slack
        expect(not late, f"{BACK_WITHIN:g} s after {since} a request gets {answer}")
        time.sleep(0.1)
    expect(running.process.running, "it ended")
    return time.monotonic() - begun


def _half(trial: Trial, running: Running, table: str) -> None:
    """Make the last write of a request fail: the first ones must not stay, nor its key."""
    ledger, key = Ledger(trial.service), new_key()
    before = stored(trial, running.database)
    with running.database.failing(table):
        answer = ledger.send(running, key)
        expect(answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR, f"a write that fails is answered with {answer}")
        expect(CANARY not in str(getattr(answer, "body", "")), "the answer shows what the database says")
    left = len(stored(trial, running.database)) - len(before)
    expect(not left, f"a request whose write to {table} fails leaves its other writes behind")
    again = ledger.send(running, key)
    expect(again.ok, f"after a failure the same request gets {again}")


def f4(trial: Trial) -> str:
    """Send equal requests at once, other ones with the same key, and all again after a stop and after a kill."""
    ledger = Ledger(trial.service)
    with trial.prepared() as places:
        with trial.ready(places) as running:
            before = len(stored(trial, running.database))
            for key in (first := new_key(), second := new_key()):
                replays = _equal(trial, running, ledger, key, held=key == second)
                before += 1
                effects = len(stored(trial, running.database))
                expect(effects == before, f"{EQUAL} equal requests with one key have {effects - before + 1} effects")
            ledger.replay(running, first)
            _another_body(trial, running, ledger, first)
            expect(running.stop() is not None, "it does not stop")
        with trial.ready(places) as running:
            ledger.replay(running, first)
            with ledger.flowing(running):
                time.sleep(1)
                running.process.send(SIGKILL)
                running.process.wait(10)
        with trial.ready(places) as running:
            acknowledged = sorted(ledger.acknowledged)
            for key in acknowledged[:EQUAL]:
                ledger.replay(running, key)
            ledger.settle(running)
            seen = ledger.check(running.database, trial.service.get("database.stored"))
    return f"{EQUAL} equal requests, one effect, {replays} replays; 422 for another body; killed under load: {seen}"


def _equal(trial: Trial, running: Running, ledger: Ledger, key: str, *, held: bool) -> int:
    """Send equal requests at once, with what they write free or held for a moment; return how many were replays."""
    table, replayed = trial.service.get("database.tables", [""])[0], trial.service.get("idempotency.replayed").lower()
    with ThreadPoolExecutor(EQUAL) as pool, running.database.held(table) if held else nullcontext():
        sent = [pool.submit(running.attempt, "create", seconds=20, headers=ledger.headers(key)) for _ in range(EQUAL)]
        time.sleep(HELD_FOR)
    answers = [one.result() for one in sent]
    odd = [answer for answer in answers if answer.status not in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}]
    expect(not odd, f"{len(odd)} of {EQUAL} equal requests with one key get neither 201 nor 409: {_first(odd)}")
    made = [answer for answer in answers if isinstance(answer, Answer) and answer.ok]
    expect(bool(made), f"all of {EQUAL} equal requests with one key get 409")
    firsts = [answer for answer in made if answer.headers.get(replayed) != "true"]
    expect(len(firsts) <= 1, f"{len(firsts)} of {EQUAL} equal requests with one key get 201 and no {replayed}: true")
    expect(len({answer.body for answer in made}) == 1, f"{EQUAL} equal requests with one key get different bodies")
    ledger.answers[key] = (firsts or made)[0]
    return len(made) - len(firsts)


def _first(answers: list[Result]) -> str:
    return str(answers[0]) if answers else ""


def _another_body(trial: Trial, running: Running, ledger: Ledger, key: str) -> None:
    create = trial.service.request("create")
    other = replace(create, body=trial.service.get("idempotency.other_body"))
    answer = wire.attempt(running.public, other, headers=ledger.headers(key))
    expect(
        answer.status == HTTPStatus.UNPROCESSABLE_ENTITY,
        f"another body with a key that was used gets {answer}, not 422",
    )


def f5(trial: Trial) -> str:
    """Make writes fail as they do when transactions collide: once, and without end."""
    if trial.databases.kind != "postgres":
        raise NotApplicableError("SQLite has one writer at a time, so transactions neither deadlock nor collide")
    table, deadline = trial.service.get("database.tables")[0], trial.setting("request_timeout_seconds") or DEADLINE
    with trial.running() as running:
        database, ledger = trial.databases.server_of(running.database), Ledger(trial.service)
        for code, what in RETRIED.items():
            before = _retries(running)
            with database.failing_with(table, code, 1):
                answer = ledger.send(running)
            expect(answer.ok, f"{what} is not retried: the request gets {answer}")
            expect(_retries(running) > before, f"{what} is retried, and {_metric(running)} does not say so")
        with database.failing_with(table, next(iter(RETRIED))):
            answer, attempts = ledger.send(running, "", deadline + 10), database.attempts()
        expect(attempts <= MOST_ATTEMPTS, f"a request whose transaction never succeeds is tried {attempts} times")
        refused([answer], deadline + running.slack, f"after {attempts} attempts")
        ledger.settle(running)
        ledger.check(database, trial.service.get("database.stored"))
    return f"both are retried and counted; given up after {attempts} attempts"


def _metric(running: Running) -> str:
    return str(running.service.get("metrics.retries"))


def _retries(running: Running) -> float:
    return sum(value for name, _, value in metrics.samples(running) if name == _metric(running))


CHECKS: dict[str, Callable[[Trial], str]] = {"F3": f3, "F4": f4, "F5": f5}
