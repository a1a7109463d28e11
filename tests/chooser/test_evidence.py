"""What was measured is told beside the statements that it speaks to, also where it contradicts them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from project import ROOT
from trivium import model, templating
from trivium.explanation import EXPLAIN, explain
from trivium.recommendation import recommend

CLAIM = "{% from 'chooser/explain.jinja' import claim %}{{ claim(model, entry) }}"
EVIDENCE = model.load().raw["evidence"]
STATEMENTS = (ROOT / "docs" / "statements.md").read_text(encoding="utf-8")


def told(better: str, ratios: Mapping[str, float]) -> str:
    """Return one claim in words."""
    entry = {"statement": "S2", "what": "memory", "better": better, "than": "python", "ratios": ratios}
    return templating.render(CLAIM, model=model.load().raw, entry=entry)


@pytest.mark.parametrize(
    ("better", "ratios", "words"),
    [
        ("more", {"go": 6.5, "java": 4}, "S2, memory: Go 6.5, Java 4, Python 1. It holds."),
        ("less", {"go": 0.35, "java": 3.7}, "Go 0.35, Java 3.7, Python 1. It holds for Go, NOT FOR JAVA."),
        ("less", {"go": 1, "java": 3.7}, "Python 1. IT DOES NOT HOLD HERE."),
        ("more", {"go": 0.9, "java": 1.1}, "It holds for Java, NOT FOR GO."),
    ],
)
def test_a_claim_in_words(better: str, ratios: Mapping[str, float], words: str) -> None:
    assert told(better, ratios).endswith(words)


@pytest.mark.parametrize(
    ("answers", "statements"),
    [
        ({"traffic": "high"}, {"S1", "S23"}),
        ({"memory": "tight"}, {"S2", "S12", "S20"}),
        ({"workload": "payments"}, set()),
        ({}, set()),
    ],
)
def test_it_stands_beside_the_statements_that_count(answers: dict[str, Any], statements: set[str]) -> None:
    text = explain(recommend(answers))
    assert {claim["statement"] for claim in EVIDENCE["claims"] if f"\n  {claim['statement']}, " in text} == statements
    assert (f"{EVIDENCE['command']}, {EVIDENCE['date']}" in text) == bool(statements)


def test_the_result_is_the_same_without_it() -> None:
    answers = {"traffic": "high", "memory": "tight"}
    raw = {**model.load().raw, "evidence": {**EVIDENCE, "claims": []}}
    without = templating.render(EXPLAIN, model=raw, result=asdict(recommend(answers)))
    assert "Measured" not in without
    assert without.splitlines()[0] == explain(recommend(answers)).splitlines()[0]


def test_what_was_measured_says_where_and_when() -> None:
    assert date.fromisoformat(EVIDENCE["date"]) <= datetime.now(UTC).date()
    assert all(word in EVIDENCE["machine"] for word in ("cores", "Python", "Go", "Java", "PostgreSQL"))
    for claim in EVIDENCE["claims"]:
        assert f"| {claim['statement']} |" in STATEMENTS
        assert claim["better"] in ("more", "less")
        assert {claim["than"], *claim["ratios"]} == set(model.load().languages)
        assert all(ratio > 0 for ratio in claim["ratios"].values())
