"""How published stories come out; the tool that prints it is tests/evidence_cases.py."""

from dataclasses import replace
from typing import Any

import pytest

import evidence_cases
from evidence_cases import Case, Outcome
from trivium import model, tables
from trivium.recommendation import recommend


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [evidence_cases.evaluate(case) for case in evidence_cases.read(evidence_cases.CASES)]


def test_four_of_five_verdicts_are_right(outcomes: list[Outcome]) -> None:
    print(f"verdicts right: {evidence_cases.share(outcomes):.0%}")
    assert evidence_cases.share(outcomes) >= 0.8


def test_the_median_of_questions_is_at_most_seven(outcomes: list[Outcome]) -> None:
    print(f"questions asked, median: {evidence_cases.median(outcomes):g}")
    assert evidence_cases.median(outcomes) <= 7


def test_every_case_has_a_row_and_every_miss_a_sentence(outcomes: list[Outcome]) -> None:
    lines = list(evidence_cases.report(outcomes))
    for outcome in outcomes:
        assert any(line.startswith(f"{outcome.case.id} ") for line in lines)
        explained = [line for line in lines if line.startswith(f"miss  {outcome.case.id}: ")]
        assert len(explained) == (0 if outcome.right else 1)


def test_notes_belong_to_cases() -> None:
    content = tables.read(evidence_cases.CASES)
    assert set(content["notes"]) <= {case["id"] for case in content["cases"]}


def outcome(kind: str, chosen: str, answers: dict[str, Any], note: str = "") -> Outcome:
    return evidence_cases.evaluate(Case("story", kind, chosen, answers, note))


CLEAR = {"workload": "ml_inference", "ecosystem_need": "ai_data"}
CLOSE = {"workload": "payments", "traffic": "very_high"}
EXTREME = {"traffic": "very_high", "cpu_heavy": "dominant"}


@pytest.mark.parametrize(
    ("kind", "chosen", "answers", "right"),
    [
        ("clear", "python", CLEAR, True),
        ("clear", "java", CLEAR, False),
        ("close_call", "go", CLOSE, True),
        ("close_call", "other", CLOSE, True),
        ("close_call", "go", CLEAR, False),
        ("none_of_three", "other", EXTREME, True),
        ("none_of_three", "other", CLEAR, False),
    ],
)
def test_the_rule_of_the_verdict(kind: str, chosen: str, answers: dict[str, Any], *, right: bool) -> None:
    assert outcome(kind, chosen, answers).right is right


def test_a_miss_is_explained_by_points_that_add_up() -> None:
    answers = CLEAR | {"type_safety": "high", "team_experience": "java"}
    sentence = evidence_cases.explain(outcome("clear", "java", answers, "They had reasons."))
    points = {rank.language: sum(reason.points for reason in rank.reasons) for rank in recommend(answers).ranking}
    assert f"Python leads Java by {points['python'] - points['java']:g} points" in sentence
    assert "workload: ml_inference (10), ecosystem_need: ai_data (10)" in sentence
    assert "outweigh type_safety: high (7), team_experience: java (3)" in sentence
    assert sentence.endswith("They had reasons.")


def test_a_miss_without_a_language_is_explained_too() -> None:
    assert "no extreme" in evidence_cases.explain(outcome("none_of_three", "other", CLEAR))
    assert "none of the three" in evidence_cases.explain(outcome("close_call", "other", CLEAR))


def test_somebody_who_knows_nothing_is_asked_and_the_answers_stay_empty() -> None:
    silent = replace(outcome("clear", "python", {}).case, answers={})
    asked, result = evidence_cases.converse(silent)
    assert asked <= len(model.load().criteria)
    assert result == recommend({})
