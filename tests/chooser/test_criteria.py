"""The table behind the recommendation: complete, within its scale, and resting on the numbered statements."""

import re
from typing import Any

import pytest

from trivium import model, source

MODEL = model.load()
STATEMENTS = [f"S{number}" for number in range(1, 25)]
ORDERED = {  # scales whose answers rise, and the languages a higher answer speaks for
    "traffic": (["low", "medium", "high", "very_high"], {"go", "java"}),
    "cpu_heavy": (["none", "some", "dominant"], {"go", "java"}),
    "concurrency": (["low", "medium", "high", "very_high"], {"go", "java"}),
    "latency": (["relaxed", "normal", "tight_tail"], {"go", "java"}),
    "memory": (["ample", "normal", "tight"], {"go"}),
    "startup_footprint": (["low", "medium", "high"], {"go"}),
    "codebase_size": (["small", "medium", "large"], {"java"}),
    "type_safety": (["low", "medium", "high"], {"go", "java"}),
    "time_to_market": (["low", "medium", "critical"], {"python"}),
    "team_size": (["small", "medium", "large"], {"java"}),
    "stability_horizon": (["short", "medium", "long"], {"java"}),
    "compliance": (["none", "regulated"], {"java"}),
}


def every_statement_set() -> list[list[str]]:
    raw = MODEL.raw
    entries: list[Any] = [raw["tie"], *raw["principles"], *raw["groups"].values(), *raw["extremes"]]
    cited: list[list[str]] = [entry["statements"] for entry in entries]
    for criterion in MODEL.criteria.values():
        cited += [list(answer.statements) for answer in criterion.answers.values()]
    return cited


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_statement_is_used(statement: str) -> None:
    assert any(statement in cited for cited in every_statement_set())


def test_every_weight_names_known_statements() -> None:
    for cited in every_statement_set():
        assert cited
        assert set(cited) <= set(STATEMENTS)


def test_the_statements_are_documented() -> None:
    page = (source.root() / "docs" / "statements.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (S\d+) \|", page, re.MULTILINE)) == set(STATEMENTS)


def test_every_answer_weighs_every_language() -> None:
    for criterion in MODEL.criteria.values():
        for answer in criterion.answers.values():
            assert set(answer.points) == set(MODEL.languages)
            assert answer.text.endswith(".")


@pytest.mark.parametrize("language", list(MODEL.languages))
def test_no_combination_of_answers_leaves_the_scale(language: str) -> None:
    """The most that can be reached for and against, amplified and capped, stays within full_scale."""
    for sign in (1, -1):
        ungrouped = 0.0
        grouped: dict[str, float] = {}
        for criterion in MODEL.criteria.values():
            factor = MODEL.raw["criteria"][criterion.id].get("amplify", {}).get("factor", 1)
            most = max(0.0, *(sign * factor * answer.points[language] for answer in criterion.answers.values()))
            if criterion.group:
                grouped[criterion.group] = grouped.get(criterion.group, 0) + most
            else:
                ungrouped += most
        caps = {name: entry["cap"] for name, entry in MODEL.raw["groups"].items()}
        assert ungrouped + sum(min(caps[name], most) for name, most in grouped.items()) <= MODEL.raw["full_scale"]


@pytest.mark.parametrize("criterion", ORDERED)
def test_raising_what_speaks_for_a_language_never_lowers_it(criterion: str) -> None:
    rising, favoured = ORDERED[criterion]
    answers = MODEL.criteria[criterion].answers
    assert list(answers) == rising
    for language in favoured:
        points = [answers[answer].points[language] for answer in rising]
        assert points == sorted(points)


def test_every_answer_that_is_referred_to_exists() -> None:
    amplifiers = [entry.get("amplify", {}) for entry in MODEL.raw["criteria"].values()]
    conditions = [amplify.get(kind, {}) for amplify in amplifiers for kind in ("when_any", "unless_any")]
    conditions += [extreme["when_all"] for extreme in MODEL.raw["extremes"]]
    for condition in conditions:
        for id_, given in condition.items():
            assert set(given) <= set(MODEL.criteria[id_].answers)
    assert set(MODEL.raw["growth"]) <= set(MODEL.criteria)
    assert set(MODEL.raw["performance"]) <= set(MODEL.criteria) | set(MODEL.raw["groups"])


def test_the_evaluator_has_no_knowledge_of_its_own() -> None:
    """No criterion, answer or language is named in the code that adds up."""
    files = ("evaluate.jinja", "consider.jinja", "explain.jinja")
    code = "".join((source.root() / "chooser" / name).read_text(encoding="utf-8") for name in files)
    code = re.sub(r"\{#.*?#\}", "", code, flags=re.DOTALL)
    words = set(re.findall(r"'([a-z_]+)'", code)) | set(re.findall(r"\.([a-z_]+)", code))
    answers = {answer for criterion in MODEL.criteria.values() for answer in criterion.answers}
    assert not words & (set(MODEL.criteria) | answers | set(MODEL.languages))
