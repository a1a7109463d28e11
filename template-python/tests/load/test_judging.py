"""Counting, and the verdict."""

import pytest

from loadtest.judging import judge, overview
from loadtest.slo import Objective
from loadtest.tally import Latencies, Tally


def tally(latencies: list[float], failed: int = 0, offered: int = 0) -> Tally:
    """Return counts of one operation."""
    counted = Tally(offered=offered or len(latencies), answered=len(latencies))
    for number, seconds in enumerate(latencies):
        counted.of("see").add(seconds, failed=number < failed)
    return counted


def verdict(counted: Tally, availability: float = 0.9) -> list[str]:
    """Return the lines of the verdict."""
    objectives = [Objective("see", "GET", "/", 50, availability), Objective("hear", "GET", "/", 50, availability)]
    return [str(limit) for limit in judge(counted, objectives, 0.95)]


def test_all_is_well() -> None:
    """An operation that was never asked for has no line."""
    assert verdict(tally([0.012] * 9 + [0.05], failed=1)) == [
        "ok     see p99 50 ms, at most 50 ms",
        "ok     see failed 10 %, at most 10 %",
        "ok     achieved 10 of 10 requests offered (100 %), at least 95 %",
    ]


def test_every_limit_can_break() -> None:
    """Even by a tenth of a millisecond."""
    assert verdict(tally([0.0501], failed=1, offered=3), availability=0.999) == [
        "BROKEN see p99 50.1 ms, at most 50 ms",
        "BROKEN see failed 100 %, at most 0.1 %",
        "BROKEN achieved 1 of 3 requests offered (33.33 %), at least 95 %",
    ]


def test_nothing_offered_is_no_success() -> None:
    """A run without a request proves nothing."""
    assert verdict(Tally()) == ["BROKEN achieved 0 of 0 requests offered (0 %), at least 95 %"]


@pytest.mark.parametrize(("share", "milliseconds"), [(0.5, 50), (0.99, 99), (0.999, 100), (1, 100)])
def test_percentiles(share: float, milliseconds: float) -> None:
    """Of a hundred requests, the slowest is the 99.9th percentile but not the 99th."""
    latencies = Latencies()
    for number in range(100, 0, -1):
        latencies.add(number / 1000, failed=False)
    assert latencies.percentile(share) == milliseconds


def test_counts_of_several_senders_add_up() -> None:
    """What was taken is sent once."""
    sender, whole = tally([0.010, 0.020], failed=1), tally([0.030])
    whole.add(sender.take())
    whole.add(sender.take())
    assert list(overview(whole)) == ["       see 3 requests, 1 failed, p50 20 ms p99 30 ms p99.9 30 ms"]
    assert (whole.offered, whole.answered, whole.failed) == (3, 3, 1)
