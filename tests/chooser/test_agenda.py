"""What is asked next, and when the conversation may stop."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import CHOICES, answers
from trivium import agenda, model, standing
from trivium.recommendation import recommend

CRITERIA = model.load().criteria


def test_the_widest_reach_comes_first_and_needs_no_evaluation() -> None:
    """The conversation relies on it: it asks this question, below this standing, before it loads the evaluator."""
    first = agenda.next_question({}, [], recommend({}))
    assert first is not None
    assert first == agenda.left(())[0]
    assert standing.level() == standing.line(recommend({}))
    assert agenda.reach(first) == max(agenda.reach(criterion) for criterion in CRITERIA.values())


def test_reach_is_the_widest_gap_that_one_answer_makes() -> None:
    answer = model.Answer("", {"python": -2, "go": 3, "java": 1}, (), "")
    flat = model.Answer("", {"python": 9, "go": 9, "java": 9}, (), "")
    assert agenda.reach(model.Criterion("one", "", "", None, {"a": flat, "b": answer})) == 5


@given(answers, st.sets(st.sampled_from(list(CHOICES))))
@settings(deadline=None, max_examples=10)
def test_nothing_is_asked_twice_and_no_decisive_question_is_left_out(
    given_answers: dict[str, Any], asked: set[str]
) -> None:
    result = recommend(given_answers)
    settled = asked | set(given_answers)
    following = agenda.next_question(given_answers, asked, result)
    decisive = agenda.deciding(result) - settled
    if following is None:
        assert not decisive
        assert len(settled) >= agenda.MINIMUM
        return
    assert following.id not in settled
    if decisive:
        assert following.id in decisive
        assert agenda.reach(following) == max(agenda.reach(CRITERIA[id_]) for id_ in decisive)
    else:
        assert len(settled) < agenda.MINIMUM


def test_i_dont_know_to_everything_ends() -> None:
    asked: list[str] = []
    while following := agenda.next_question({}, asked, recommend({})):
        asked.append(following.id)
    assert set(asked) >= agenda.deciding(recommend({}))
    assert agenda.next_question({}, list(CRITERIA), recommend({})) is None


def test_what_is_left_comes_by_reach_and_then_in_the_tables_order() -> None:
    left = agenda.left(["workload"])
    assert {criterion.id for criterion in left} == set(CRITERIA) - {"workload"}
    order = list(CRITERIA)
    places = [(-agenda.reach(criterion), order.index(criterion.id)) for criterion in left]
    assert places == sorted(places)


def test_it_goes_on_until_the_minimum_however_clear_the_lead() -> None:
    clear = {"workload": "ml_inference", "ecosystem_need": "ai_data", "team_experience": "python"}
    result = recommend(clear)
    assert not agenda.deciding(result)
    assert agenda.next_question(clear, [], result) is not None
    assert agenda.next_question(clear, ["traffic", "cpu_heavy"], result) is None


@pytest.mark.parametrize("constraint", [{"approved_languages": ["go"]}, {"must_have": ["spring"]}])
def test_where_one_language_is_left_nothing_is_asked(constraint: dict[str, Any]) -> None:
    assert agenda.next_question(constraint, [], recommend(constraint)) is None
