"""Section F: the schema and the releases that work on it (F1, F2)."""

import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from .ledger import Ledger
from .trial import InBackground, Running, Trial, expect
from .wire import NoAnswerError

AT_ONCE = 3
NOTICED_WITHIN = 5.0  # seconds
NEWER = "on a newer schema that is compatible with this release"
LOOKED_AT_FOR = 2.0  # seconds; readiness may be cached for one


def f1(trial: Trial) -> str:
    """Migrate three times at once; start it on a database that nobody has migrated, and migrate that beside it."""
    with trial.places() as places:
        trial.databases.create(places)
        migrations = InBackground.several(AT_ONCE, lambda: trial.migrate(places))
        ended = [migration.result(trial.start_seconds + 10) for migration in migrations]
        failed = [f"with {code}: {said}" for code, said in ended if code != 0]
        expect(not failed, f"of {AT_ONCE} migrations at once {len(failed)} ended {failed[0] if failed else ''}")
        together = trial.databases.of(places).contents()
        applied = trial.service.get("database.applied")
        times = Counter(trial.databases.of(places).rows(applied)) if applied else Counter[tuple[object, ...]]()
        twice = sorted(str(row[0]) for row, count in times.items() if count > 1)
        expect(not twice, f"{AT_ONCE} migrations at once applied {', '.join(twice)} more than once")
    with trial.prepared() as places:
        alone = trial.databases.of(places).contents()
    different = sorted({*together.items(), *alone.items()} - ({*together.items()} & {*alone.items()}), key=str)
    expect(
        not different,
        f"{AT_ONCE} migrations at once leave another database than one does: {different[0] if different else ''}",
    )
    return f"{AT_ONCE} migrations at once are as one; {_unmigrated(trial)}"


def _unmigrated(trial: Trial) -> str:
    with trial.places() as places:
        trial.databases.create(places)
        with trial.started(places) as running:
            _await_probe(trial, running)
            end = time.monotonic() + LOOKED_AT_FOR
            while time.monotonic() < end:
                ready = running.probe("ready")
                expect(not ready.ok, "it is ready on a database without its schema")
                _lives(running, "on a database without its schema")
                time.sleep(0.1)
            code, said = trial.migrate(places)
            expect(code == 0, f"a migration beside it ended with {code}: {said}")
            took = _becomes(running, HTTPStatus.OK, "after a migration beside it")
            _serves(trial, running, "after a migration beside it")
    return f"without its schema it waits, and is ready {took:.1f} s after a migration beside it"


def _await_probe(trial: Trial, running: Running) -> None:
    """Wait until something answers the probe."""
    end = time.monotonic() + trial.start_seconds
    while isinstance(running.probe("ready"), NoAnswerError) and time.monotonic() < end:
        _lives(running, "on a database without its schema")
        time.sleep(0.05)


def _lives(running: Running, where: str) -> None:
    if not running.process.running:
        expect(holds=False, seen=f"it ended with {running.process.wait(1)} {where}")


def _becomes(running: Running, status: int, when: str) -> float:
    """Wait until readiness has a status; return how long that took."""
    begun = time.monotonic()
    while (answer := running.probe("ready")).status != status:
        _lives(running, when)
        late = time.monotonic() > begun + NOTICED_WITHIN + running.slack
        expect(not late, f"{NOTICED_WITHIN:g} s {when} readiness answers {answer}")
        time.sleep(0.05)
    return time.monotonic() - begun


def f2(trial: Trial) -> str:
    """Make the schema a newer one that it can use, then one that it cannot."""
    compatible, unknown = (trial.service.get(f"database.newer_{kind}") for kind in ("compatible", "unknown"))
    with trial.prepared() as places:
        with trial.ready(places) as running:
            running.database.execute(*compatible)
            end = time.monotonic() + LOOKED_AT_FOR
            while time.monotonic() < end:
                ready = running.probe("ready")
                expect(ready.ok, f"{NEWER} readiness answers {ready}")
                time.sleep(0.1)
            _serves(trial, running, NEWER)
        with trial.started(places) as running:
            _await_probe(trial, running)
            _becomes(running, HTTPStatus.OK, NEWER)
            _serves(trial, running, NEWER)
            running.database.execute(*unknown)
            took = _becomes(
                running, HTTPStatus.SERVICE_UNAVAILABLE, "after the schema has become one that this release cannot use"
            )
        with trial.started(places) as running:
            end = time.monotonic() + LOOKED_AT_FOR
            while time.monotonic() < end and running.process.running:
                expect(
                    not running.probe("ready").ok, "it starts, and is ready, on a schema that this release cannot use"
                )
                time.sleep(0.1)
    return f"serves on a newer schema that is compatible; unready {took:.1f} s after it is not"


def _serves(trial: Trial, running: Running, when: str) -> None:
    """Write something, where the service file says how."""
    if trial.service.get("requests.create"):
        answer = Ledger(trial.service).send(running)
        expect(answer.ok, f"{when} a request gets {answer}")


CHECKS: dict[str, Callable[[Trial], str]] = {"F1": f1, "F2": f2}
