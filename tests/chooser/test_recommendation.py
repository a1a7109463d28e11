"""What a recommendation holds to, whatever the answers."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from strategies import LANGUAGES, answers, approved
from trivium import answers as answering
from trivium import model, source
from trivium.recommendation import recommend

EXAMPLES = {"forecast-service": "python", "edge-gateway": "go", "claims-backend": "java"}


@pytest.mark.parametrize(("name", "language"), EXAMPLES.items())
def test_the_examples_lead_to_their_language(name: str, language: str) -> None:
    path = source.root() / "examples" / "answers" / f"{name}.yml"
    assert recommend(answering.check(answering.read(path))).recommended == language


@given(answers)
@settings(deadline=None, max_examples=12)
def test_reasons_add_up_to_the_score(given_answers: dict[str, Any]) -> None:
    scale = model.load().raw
    for rank in recommend(given_answers).ranking:
        points = sum(reason.points for reason in rank.reasons)
        score = scale["neutral_score"] + points * scale["neutral_score"] / scale["full_scale"]
        assert rank.score == pytest.approx(score, abs=0.051)
        assert 0 <= rank.score <= 100


@given(answers, approved)
@settings(deadline=None, max_examples=12)
def test_excluding_a_language_never_moves_the_others(
    given_answers: dict[str, Any], approved_languages: list[str]
) -> None:
    free = {rank.language: rank.score for rank in recommend(given_answers).ranking}
    limited = recommend(given_answers | {"approved_languages": approved_languages})
    assert {rank.language: rank.score for rank in limited.ranking} == free
    assert [rank.excluded for rank in limited.ranking] == sorted(rank.excluded for rank in limited.ranking)
    assert {rank.language for rank in limited.ranking if not rank.excluded} == set(approved_languages)
    assert limited.recommended in approved_languages


@given(answers)
@settings(deadline=None, max_examples=12)
def test_the_order_of_answers_never_matters(given_answers: dict[str, Any]) -> None:
    shuffled = list(given_answers.items())
    random.Random(0).shuffle(shuffled)
    assert recommend(dict(shuffled)) == recommend(given_answers)


@given(answers)
@settings(deadline=None, max_examples=12)
def test_the_best_come_first_and_the_margin_is_their_distance(given_answers: dict[str, Any]) -> None:
    result = recommend(given_answers)
    scores = [rank.score for rank in result.ranking]
    assert scores == sorted(scores, reverse=True)
    assert result.recommended == result.ranking[0].language
    assert result.runner_up == result.ranking[1].language
    assert result.margin == pytest.approx(scores[0] - scores[1])


@given(answers)
@settings(deadline=None, max_examples=12)
def test_a_missing_answer_is_neutral_and_named(given_answers: dict[str, Any]) -> None:
    result = recommend(given_answers)
    empty = dict.fromkeys(model.load().criteria, "")
    assert set(result.unanswered) == set(model.load().criteria) - set(given_answers)
    assert recommend(empty | given_answers) == result


def test_without_answers_all_are_equal_and_the_order_is_stated() -> None:
    result = recommend({})
    assert [(rank.language, rank.score) for rank in result.ranking] == [(language, 50) for language in LANGUAGES]
    assert (result.recommended, result.margin) == ("python", 0)


def test_one_approved_language_has_no_runner_up() -> None:
    result = recommend({"approved_languages": ["java"], "workload": "mvp_prototype"})
    assert (result.recommended, result.runner_up, result.margin) == ("java", None, None)


def test_json_is_as_its_schema_says() -> None:
    schema = json.loads((source.root() / "chooser" / "recommendation.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    every = set(schema["properties"])
    assert set(schema["required"]) == every
    for case in ({}, {"traffic": "high", "approved_languages": ["java"]}, {"must_have": ["hard_real_time", "flink"]}):
        result = json.loads(recommend(case).to_json())
        Draft202012Validator(schema).validate(result)
        assert set(result) == every


def test_overlapping_answers_are_capped_together() -> None:
    result = recommend({"traffic": "very_high", "concurrency": "very_high", "latency": "tight_tail"})
    for rank in result.ranking:
        assert abs(sum(reason.points for reason in rank.reasons)) <= 14


def test_experience_counts_more_for_a_small_team() -> None:
    def points(more: dict[str, str]) -> float:
        ranking = recommend({"team_experience": "java"} | more).ranking
        reasons = next(rank.reasons for rank in ranking if rank.language == "java")
        return next(reason.points for reason in reasons if reason.criterion == "team_experience")

    assert points({"team_size": "small"}) == points({"time_to_market": "critical"}) == 1.5 * points({})
