"""The benchmarks' tables: what is missed or got worse says so."""

import pytest
from bench.data import table as data
from bench.services import table as services

ROUNDS = {"minimal": [100.0, 100.0, 100.0], "ours": [90.0, 70.0, 85.0], "default": [50.0, 60.0, 55.0]}


def test_the_median_of_the_rounds_counts_and_the_spread_is_told() -> None:
    text = data.markdown({"go": ROUNDS}, {"go": ROUNDS})
    assert "| rendered ÷ minimal (target ≥ 0.8) | 0.85 (0.70 to 0.90) |" in text
    assert "MISSED" not in text


def test_a_missed_target_says_so() -> None:
    slow = ROUNDS | {"ours": [40.0, 45.0, 50.0]}
    assert data.markdown({"go": slow}, {"go": slow}).count("MISSED") == 3  # both ratios, and requests a second


def test_a_contender_that_was_left_out_is_a_dash() -> None:
    some = {role: ROUNDS[role] for role in ("minimal", "ours")}
    assert "| rendered ÷ generator (target > 1) | - |" in data.markdown({"go": some}, {"go": some})


@pytest.mark.parametrize(("now", "sentences"), [(0.81, 0), (0.79, 1), (1.5, 0)])
def test_a_fifth_less_than_recorded_is_worse(now: float, sentences: int) -> None:
    found = data.worse({"go": now, "java": 0.9}, {"go": 1.0})
    assert len(found) == sentences
    assert all("go does 0.79 of the minimal handler; recorded is 1.00" in sentence for sentence in found)


def test_shares_need_both() -> None:
    assert data.shares({"go": ROUNDS, "java": {"ours": [1.0]}}) == {"go": 0.85}


def test_what_is_asked_of_each_language() -> None:
    found = {
        "beside_computation": {"python": 2.0, "go": 3.5, "java": 1.0},
        "start_with_cache": {"java": 0.4},
        f"{services.OVERLOAD}8": {"python": 1.0, "go": 0.99, "java": 0.5},
        f"{services.OVERLOAD}0.5": {"python": 0.5, "go": 0.5, "java": 0.5},
    }
    lines = services.concurrency(found, {"beside_computation": 3, "start_with_cache": 0.5}).splitlines()
    assert lines[2].endswith("| 2.00 | 3.50 MISSED | 1.00 |")
    assert lines[3].endswith("| - | - | 0.40 |")
    assert [line.split(" times")[0] for line in lines[4:]] == ["| goodput at 0.5", "| goodput at 8"]


def test_a_share_of_the_reference() -> None:
    figures = {key: {"python": 10.0, "go": 50.0, "java": 20.0, "nginx": 100.0} for key in services.BESIDE}
    assert services.beside_reference(figures).splitlines()[2].endswith("| 10 (0.1) | 50 (0.5) | 20 (0.2) | 100 |")
