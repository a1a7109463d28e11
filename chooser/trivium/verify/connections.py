"""Section F: the connections to a database server (F6, F7)."""

import time
from collections.abc import Callable
from http import HTTPStatus

from .ledger import Ledger, Result
from .trial import NotApplicableError, Trial, expect

ROUNDS = 2
HEALED_WITHIN = 3.0  # seconds
ONE_BY_ONE = 20  # requests after idle connections were killed
ANONYMOUS = {
    "",
    "PostgreSQL JDBC Driver",
    "psql",
    "psycopg",
    "pgx",
    "libpq",
}  # what drivers call themselves, if anything


def f6(trial: Trial) -> str:
    """Kill every connection, under load and when idle: each may cost one request."""
    if trial.databases.kind != "postgres":
        raise NotApplicableError("SQLite is no server: there is no connection that anybody could cut")
    ledger, lost = Ledger(trial.service), 0
    with trial.running() as running:
        database = trial.databases.server_of(running.database)
        with ledger.flowing(running) as results:
            time.sleep(1)
            for _ in range(ROUNDS):
                before, killed = len(results), database.kill_sessions()
                expect(killed > 0, "there is no connection to kill under load")
                time.sleep(HEALED_WITHIN)
                failed = _failures(results[before:])
                expect(len(failed) <= killed, _too_many(killed, failed))
                lost += len(failed)
                late = _failures(results[-5:])
                expect(not late, f"{HEALED_WITHIN:g} s after its connections were killed a request gets {_first(late)}")
        time.sleep(0.5)
        killed = database.kill_sessions()
        failed = _failures([ledger.send(running) for _ in range(ONE_BY_ONE)])
        expect(len(failed) <= killed, _too_many(killed, failed))
        expect(not ledger.others, f"a killed connection becomes {', '.join(ledger.others)}")
        expect(running.process.running, "it ended when its connections were killed")
        ledger.settle(running)
        ledger.check(database, trial.service.get("database.stored"))
    return f"killed {ROUNDS + 1} times, {lost + len(failed)} of {len(ledger.answers)} requests refused, none lost"


def _failures(results: list[Result]) -> list[Result]:
    return [result for result in results if not result.ok and result.status != HTTPStatus.CONFLICT]


def _first(results: list[Result]) -> str:
    return str(results[0]) if results else ""


def _too_many(killed: int, failed: list[Result]) -> str:
    return f"{killed} connections were killed, and {len(failed)} requests failed ({_first(failed)})"


def f7(trial: Trial) -> str:
    """Look at the limits in the service's own sessions, from inside them."""
    if trial.databases.kind != "postgres":
        raise NotApplicableError("SQLite is no server: it keeps no limits for its clients")
    ledger = Ledger(trial.service)
    with trial.running() as running:
        database = trial.databases.server_of(running.database)
        with database.limits_of_writers(trial.service.get("database.tables")[0]) as sessions, ledger.flowing(running):
            time.sleep(0.5)
        expect(bool(sessions), f"no request was served: {[str(answer) for answer in ledger.answers.values()][:1]}")
        for limits in sessions:
            unset = [name for name, value in limits.items() if value in {"0", ""}]
            expect(not unset, f"a session has no {', '.join(unset)}")
            name = limits["application_name"]
            expect(name not in ANONYMOUS, f"a session calls itself {name}: that names no service")
    told = ", ".join(f"{name} {value}" for name, value in sessions[0].items())
    return f"{told} in {len(sessions)} writes"


CHECKS: dict[str, Callable[[Trial], str]] = {"F6": f6, "F7": f7}
