"""When requests are due, and which operations they are."""

from itertools import pairwise

import pytest

from loadtest.schedule import Schedule, spread
from loadtest.slo import Step

SPIKE = Schedule(2, [Step(3, 10), Step(1, 50)])


def test_every_step_has_its_rate() -> None:
    """The warm-up has the rate of the first step, and is not measured."""
    arrivals = list(SPIKE.arrivals())
    assert sum(not arrival.measured for arrival in arrivals) == 20
    assert sum(arrival.measured for arrival in arrivals) == 3 * 10 + 50
    assert {round(after.seconds - before.seconds, 6) for before, after in pairwise(arrivals[:50])} == {0.1}
    assert arrivals[20].seconds == 2
    assert arrivals[-1].seconds == pytest.approx(SPIKE.seconds - 1 / 50)


def test_senders_share_the_arrivals() -> None:
    """Together they send what one would have sent."""
    shared = [*SPIKE.arrivals(0, 3), *SPIKE.arrivals(1, 3), *SPIKE.arrivals(2, 3)]
    assert sorted(shared) == list(SPIKE.arrivals())


def test_without_a_warm_up_everything_is_measured() -> None:
    """A rate below one a second has a request at once."""
    assert [arrival.seconds for arrival in Schedule(0, [Step(5, 0.5)]).arrivals() if arrival.measured] == [0, 2, 4]


def test_a_mix_is_spread() -> None:
    """Each has its share, and no half has much more of one than the other."""
    mix = spread({"create": 2, "read": 4, "change": 1, "list": 3})
    assert [mix.count(name) for name in ("create", "read", "change", "list")] == [2, 4, 1, 3]
    assert mix[:5].count("read") == 2
    assert mix[:5].count("create") == 1
