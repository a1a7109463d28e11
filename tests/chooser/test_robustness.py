"""How firm a recommendation is, what would change it, and the road ahead."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from strategies import CHOICES, answers
from trivium import model
from trivium.recommendation import recommend


def others(given_answers: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for id_, choices in CHOICES.items():
        for choice in choices:
            if given_answers.get(id_) != choice:
                yield id_, choice


@given(answers)
@settings(deadline=None, max_examples=1)
def test_flips_are_all_single_answers_that_change_it(given_answers: dict[str, Any]) -> None:
    result = recommend(given_answers)
    expected = []
    for id_, choice in others(given_answers):
        changed = recommend(given_answers | {id_: choice}).recommended
        if changed != result.recommended:
            expected.append(({id_: choice}, changed))
    if expected:
        assert [(flip.changes, flip.recommended) for flip in result.flips] == expected
    else:
        assert all(len(flip.changes) == 2 for flip in result.flips)


@given(answers)
@settings(deadline=None, max_examples=5)
def test_every_flip_and_every_step_of_growth_does_what_it_says(given_answers: dict[str, Any]) -> None:
    result = recommend(given_answers)
    for change in [*result.flips, *result.growth]:
        assert change.recommended != result.recommended
        assert recommend(given_answers | dict(change.changes)).recommended == change.recommended


@pytest.mark.parametrize(
    "firm",
    [
        {"workload": "devops_tool", "startup_footprint": "high", "memory": "tight", "traffic": "very_high"},
        {
            "workload": "enterprise_backend",
            "ecosystem_need": "enterprise",
            "existing_code": "java",
            "codebase_size": "large",
        },
        {"workload": "ml_inference", "ecosystem_need": "ai_data", "team_size": "small", "team_experience": "python"},
    ],
)
def test_no_pair_is_missed(firm: dict[str, Any]) -> None:
    """Pairs are pruned by what each answer gains alone; trying all of them finds no other."""
    result = recommend(firm)
    assert all(len(flip.changes) == 2 for flip in result.flips)
    found = [
        {one: choice, other: other_choice}
        for (one, choice), (other, other_choice) in itertools.combinations(list(others(firm)), 2)
        if one != other and winner(firm | {one: choice, other: other_choice}) != result.recommended
    ]
    assert [dict(flip.changes) for flip in result.flips] == found[: model.load().raw["robustness"]["most_pairs"]]


def winner(given_answers: dict[str, Any]) -> str:
    """Add up in another way than the evaluator does, and faster."""
    raw = model.load().raw
    totals: dict[str, float] = dict.fromkeys(raw["languages"], 0.0)
    groups: dict[str, dict[str, float]] = {}
    for id_, answer in given_answers.items():
        criterion = raw["criteria"][id_]
        amplify = criterion.get("amplify", {})
        met, stopped = (
            any(given_answers.get(other) in listed for other, listed in amplify.get(kind, {}).items())
            for kind in ("when_any", "unless_any")
        )
        factor = amplify["factor"] if met and not stopped else 1
        sums = groups.setdefault(criterion["group"], dict.fromkeys(totals, 0.0)) if "group" in criterion else totals
        for language, points in criterion["answers"][answer]["points"].items():
            sums[language] += points * factor
    for name, sums in groups.items():
        cap = raw["groups"][name]["cap"]
        for language, points in sums.items():
            totals[language] += max(-cap, min(cap, points))
    scores = {language: round(50 + points * 50 / raw["full_scale"], 1) for language, points in totals.items()}
    return max(scores, key=lambda language: scores[language])


@given(answers)
@settings(deadline=None, max_examples=40)
def test_an_independent_sum_agrees(given_answers: dict[str, Any]) -> None:
    assert winner(given_answers) == recommend(given_answers).recommended


@given(answers)
@settings(deadline=None, max_examples=5)
def test_figures_are_reproducible_and_in_their_range(given_answers: dict[str, Any]) -> None:
    first, second = recommend(given_answers), recommend(given_answers)
    assert first == second
    assert 0 <= first.confidence <= first.stability <= 1


def test_an_answer_more_raises_confidence() -> None:
    few = {"workload": "ml_inference", "ecosystem_need": "ai_data"}
    assert recommend(few | {"team_experience": "python"}).confidence > recommend(few).confidence


def test_a_close_call_names_both() -> None:
    result = recommend({"workload": "payments", "traffic": "very_high"})
    assert result.close_call
    assert {result.recommended, result.runner_up} == {"java", "go"}
    assert not recommend({"workload": "ml_inference", "ecosystem_need": "ai_data"}).close_call


def test_growth_leads_from_python_to_another_language() -> None:
    """S22: the same service, larger and busier."""
    result = recommend({"workload": "crud_api", "traffic": "low", "team_size": "small"})
    assert result.recommended == "python"
    assert result.growth
    for step in result.growth:
        assert set(step.changes) <= set(model.load().raw["growth"])
        assert step.recommended in ("go", "java")


def test_growth_only_rises() -> None:
    result = recommend({"workload": "crud_api", "traffic": "very_high", "codebase_size": "large", "team_size": "large"})
    assert all("traffic" not in step.changes and "team_size" not in step.changes for step in result.growth)


class TestConstraints:
    """Few, named, shown apart from the score."""

    def test_a_need_excludes_the_languages_without_it(self) -> None:
        result = recommend({"must_have": ["spark"], "workload": "devops_tool"})
        (constraint,) = result.constraints
        assert (constraint.id, constraint.excludes) == ("must_have: spark", ("go",))
        assert result.recommended != "go"
        assert result.ranking[-1].language == "go"
        assert result.ranking[-1].score == max(rank.score for rank in result.ranking)

    def test_domain_words_never_exclude(self) -> None:
        for workload in CHOICES["workload"]:
            assert not recommend({"workload": workload, "compliance": "regulated"}).constraints

    def test_large_code_stays_unless_a_limit_is_hit(self) -> None:
        stays = {"existing_code": "python", "codebase_size": "large", "workload": "crud_api"}
        assert recommend(stays).recommended == "python"
        for limit in (
            {"traffic": "very_high"},
            {"memory": "tight"},
            {"latency": "tight_tail"},
            {"cpu_heavy": "dominant"},
        ):
            assert recommend(stays | limit).recommended != "python"

    @pytest.mark.parametrize("need", ["hard_real_time", "few_megabytes", "huge_live_heap"])
    def test_an_impossible_need_is_a_warning(self, need: str) -> None:
        result = recommend({"must_have": [need]})
        assert result.none_fits
        assert "Consider none of the three" in str(result.warning)
        assert not result.constraints

    def test_extreme_answers_are_a_warning(self) -> None:
        extreme = {"traffic": "very_high", "latency": "tight_tail", "cpu_heavy": "some"}
        assert recommend(extreme).none_fits
        for id_ in extreme:
            rest = {key: value for key, value in extreme.items() if key != id_}
            assert not recommend(rest).none_fits
            assert recommend(rest).warning is None


def test_measuring_is_advised_where_performance_decides() -> None:
    assert recommend({"workload": "crud_api", "traffic": "very_high"}).performance_decides
    assert not recommend({"workload": "devops_tool", "traffic": "very_high"}).performance_decides
