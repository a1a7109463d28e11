"""A time limit that a busy machine misses once fails no check; anything else does at once."""

from collections.abc import Callable

import pytest

from trivium.verify import service_file
from trivium.verify import suite as own
from trivium.verify.trial import FailedError, LateError, Trial
from verify import odd
from verify.suite import Suite, script


@pytest.mark.parametrize(
    ("errors", "outcome", "calls"),
    [
        ([LateError("late")], own.PASS, 2),
        ([LateError("late"), LateError("late again")], own.FAIL, 2),
        ([FailedError("wrong")], own.FAIL, 1),
    ],
)
def test_only_lateness_is_looked_at_twice(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, errors: list[FailedError], outcome: str, calls: int
) -> None:
    monkeypatch.setattr(own, "FUNCTIONS", {"A3": failing(list(errors), made := list[int]())})
    service = service_file.find(suite.describe(script(odd.ANSWERS)))
    (verdict,) = own.run(service, own.select(["A3"]))
    assert (verdict.outcome, len(made)) == (outcome, calls)
    assert verdict.seen == ("well" if outcome == own.PASS else str(errors[-1]))


def failing(errors: list[FailedError], made: list[int]) -> Callable[[Trial], str]:
    """Return a check that fails so often, and keeps a tally."""

    def check(_: Trial) -> str:
        made.append(1)
        if errors:
            raise errors.pop(0)
        return "well"

    return check
