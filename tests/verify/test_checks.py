"""Every check passes the right service, and fails the one that breaks what the check is there for."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from trivium.verify import suite as own
from verify.right.faults import FAULTS
from verify.suite import HERE, Suite, right

IDS = tuple(own.checks())
MATRIX = pytest.mark.skipif("TRIVIUM_SLOW" not in os.environ, reason="make test-slow ONLY=faults")


def check_of(fault: str) -> str:
    """Return the check that has to see a fault."""
    return fault.partition("-")[0]


BUSY = ("B", "B2", "B3")
# Long ones first, so that no worker ends with one.
LONG = (
    *("C3-silent", "A9-deaf", "C3-bodies", "A6-dear", "H1-slow", "H2-weak", "C1-queues", "C1-mute", "C1-slow"),
    *("C1-unready", "B2-loop", "B2-live", "B4-keeps", "B5-waits", "B3-serial"),
)
# One or two of a check's faults show that it sees; the others of section F, each with a database to make, wait for the
# slow layer.
RARE = ("F1-again", "F1-deaf", "F3-mute", "F4-any", "F4-rewrites", "F4-unsaid", "F5-endless", "F6-stale", "F9-exits")
ORDER = [*LONG, *(fault for fault in FAULTS if fault not in LONG)]
NOT_OF_SQLITE = {"F5", "F6", "F7", "F9"}  # what takes a server


def database_of(check: str) -> str:
    """Return the kind of database that the right service needs for a check to apply."""
    if check[0] != "F":
        return ""
    return "postgres" if check in NOT_OF_SQLITE else "sqlite"


@contextmanager
def alone(tmp_path_factory: pytest.TempPathFactory, check: str) -> Iterator[None]:
    """Let only one of the checks that keep all cores busy run at a time, whatever the number of workers."""
    with (tmp_path_factory.getbasetemp().parent / "busy-cores.lock").open("w") as file:
        if check in BUSY:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("section", sorted(own.SECTIONS.keys() - {"F"}, reverse=True))
def test_the_right_service_passes_every_check(
    suite: Suite, tmp_path_factory: pytest.TempPathFactory, section: str
) -> None:
    with alone(tmp_path_factory, section):
        verdicts = suite.verdicts(right(), section)
    assert set(verdicts) == {id_ for id_ in IDS if id_[0] == section}
    assert {id_: seen for id_, (outcome, seen) in verdicts.items() if outcome != own.PASS} == {}


@pytest.mark.parametrize("database", ["postgres", "sqlite"])
def test_the_right_service_passes_every_check_of_its_database(suite: Suite, database: str) -> None:
    verdicts = suite.verdicts(right(database=database), "F")
    assert set(verdicts) == {id_ for id_ in IDS if id_[0] == "F"}
    assert {id_: seen for id_, (outcome, seen) in verdicts.items() if outcome == own.FAIL} == {}
    other = {id_ for id_, (outcome, _) in verdicts.items() if outcome == own.NOT_APPLICABLE}
    assert other == (NOT_OF_SQLITE if database == "sqlite" else set())
    assert (suite.leftovers(), suite.alive()) == ([], [])


@pytest.mark.parametrize("fault", [pytest.param(fault, marks=MATRIX) if fault in RARE else fault for fault in ORDER])
def test_a_fault_fails_its_check_which_says_what_it_saw(
    suite: Suite, tmp_path_factory: pytest.TempPathFactory, fault: str
) -> None:
    described = right(fault, database_of(check_of(fault)))
    if check_of(fault) != "A1":  # the only one that looks at the drain; the others need not wait for it
        described["settings"]["drain_seconds"] = 0.1
    with alone(tmp_path_factory, check_of(fault)):
        outcome, seen = suite.verdicts(described, check_of(fault))[check_of(fault)]
    assert (outcome, FAULTS[fault].seen in seen) == (own.FAIL, True), seen


@MATRIX
@pytest.mark.parametrize("fault", ORDER)
def test_a_fault_fails_no_other_check(suite: Suite, fault: str) -> None:
    database = database_of(check_of(fault))
    verdicts = suite.verdicts(right(fault, database))
    assert set(verdicts) == set(IDS)
    failed = {id_: seen for id_, (outcome, seen) in verdicts.items() if outcome == own.FAIL}
    other = {id_ for id_, (outcome, _) in verdicts.items() if outcome == own.NOT_APPLICABLE}
    assert all(id_[0] == "F" and (not database or id_ in NOT_OF_SQLITE) for id_ in other), other
    assert set(failed) - {*FAULTS[fault].perhaps} == {check_of(fault), *FAULTS[fault].also}, failed


def test_every_check_has_a_function_and_a_fault() -> None:
    assert set(own.FUNCTIONS) == set(IDS)
    assert {check_of(fault) for fault in FAULTS} == set(IDS)


def test_every_fault_has_a_branch_in_the_service() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (HERE / "right").glob("*.py"))
    assert set(re.findall(r'planted\("([^"]+)"\)', code)) == set(FAULTS)


def test_the_list_names_every_check_and_who_demands_it(suite: Suite) -> None:
    done = suite.run("--list")
    assert done.returncode == 0
    for check in own.checks().values():
        assert f"{check.id}  {check.title}" in done.stdout
        assert check.demanded_by in done.stdout
