"""Runs the checks one after another and gathers their verdicts."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from signal import SIGINT

from trivium import tables
from trivium.errors import UserError, shown

from . import (
    agreement,
    concurrency,
    configuration,
    connections,
    cpu_work,
    health,
    lifecycle,
    observability,
    process,
    recovery,
    resilience,
    schema,
    shedding,
    validation,
    writes,
)
from .service_file import ServiceFile
from .trial import FailedError, LateError, NotApplicableError, Trial
from .wire import NoAnswerError

SECTIONS = {
    "A": "Lifecycle and health",
    "B": "Concurrency",
    "C": "Resilience and overload",
    "D": "Typing and validation",
    "E": "Contract and errors",
    "F": "Data",
    "G": "Observability",
    "H": "Configuration and secrets",
}
FUNCTIONS: Mapping[str, Callable[[Trial], str]] = (
    lifecycle.CHECKS
    | health.CHECKS
    | concurrency.CHECKS
    | cpu_work.CHECKS
    | resilience.CHECKS
    | shedding.CHECKS
    | validation.CHECKS
    | agreement.CHECKS
    | schema.CHECKS
    | writes.CHECKS
    | connections.CHECKS
    | recovery.CHECKS
    | observability.CHECKS
    | configuration.CHECKS
)
PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "n/a"
BUILD_SECONDS = 1200.0
MOST_WHEN_IDLE = 1_000_000  # bytes that a start and a stop may write


@dataclass(frozen=True)
class Check:
    """One row of checks.yml."""

    id: str
    title: str
    demanded_by: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What a check found, and how long it took in seconds."""

    check: Check
    outcome: str
    seen: str
    seconds: float


@cache
def checks() -> Mapping[str, Check]:
    """Read checks.yml."""
    rows = tables.read(Path(__file__).parent / "checks.yml")
    return {id_: Check(id_, row["title"], row["demanded_by"], tuple(row["needs"])) for id_, row in rows.items()}


def select(only: Sequence[str]) -> list[Check]:
    """Return the checks of some ids or sections, all for none. Raises UserError."""
    known = checks()
    for name in only:
        if name not in known and name not in SECTIONS:
            near = get_close_matches(name.upper(), [*known, *SECTIONS], n=1)
            hint = f"Did you mean {near[0]}?" if near else "trivium verify --list names all."
            raise UserError(f"There is no check called {shown(name)}. {hint}")
    return [check for check in known.values() if not only or check.id in only or check.id[0] in only]


def build(service: ServiceFile) -> None:
    """Run the service's own build, where its file names one. Raises UserError."""
    words = service.get("build")
    if not words:
        return
    trial = Trial(service)
    try:
        with trial.places() as places:
            code, said, _ = process.run(words, service.folder, trial.environment(places), BUILD_SECONDS)
    finally:
        trial.close()
    if code != 0:
        last = " | ".join(line for line in said[-3:] if line.strip())
        raise UserError(
            f"The build ({' '.join(words)}) {'took too long' if code is None else f'ended with {code}'}: {last}"
        )


def run(service: ServiceFile, selected: Sequence[Check]) -> Iterator[Verdict]:
    """Yield one verdict after another. Raises UserError when the service cannot be started or stopped at all."""
    trial = Trial(service)
    try:
        _preflight(trial)
        for check in selected:
            yield _verdict(trial, check)
    finally:
        trial.close()


def _preflight(trial: Trial) -> None:
    """Start it once and stop it: without that no verdict would mean anything."""
    with trial.running() as running:
        limit = (trial.setting("drain_seconds") or 0) + (trial.setting("shutdown_seconds") or 0) + 30
        if running.stop(seconds=limit) is None and running.stop(SIGINT, 5) is None:
            raise UserError(
                f"{trial.service.name} ignores SIGTERM and SIGINT: it still ran {limit:g} s later, and was killed. "
                "A service that cannot be stopped cannot be checked."
            )
        if running.process.written > MOST_WHEN_IDLE:
            raise UserError(
                f"{trial.service.name} writes without end: {running.process.written} bytes of output, and nobody had "
                "asked it for anything. Such logs would fill a disk."
            )


def _seen(trial: Trial, function: Callable[[Trial], str]) -> str:
    try:
        return function(trial)
    except LateError:
        return function(trial)


def _verdict(trial: Trial, check: Check) -> Verdict:
    begun = time.monotonic()
    missing = [need for need in check.needs if trial.service.get(need) is None]
    if missing:
        return Verdict(check, NOT_APPLICABLE, f"the service file names no {' and no '.join(missing)}", 0)
    try:
        outcome, seen = PASS, _seen(trial, FUNCTIONS[check.id])
    except NotApplicableError as reason:
        outcome, seen = NOT_APPLICABLE, str(reason)
    except (FailedError, UserError) as failure:
        outcome, seen = FAIL, str(failure)
    except NoAnswerError as failure:
        outcome, seen = FAIL, f"a request that should be answered was not: {failure}"
    except OSError as failure:  # a listener that has gone, in the middle of a raw conversation
        outcome, seen = FAIL, f"the connection failed: {failure.strerror or failure}"
    return Verdict(check, outcome, seen, time.monotonic() - begun)
