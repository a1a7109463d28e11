"""Plain Copier and the chooser recommend the same, in the same words, for every input."""

import itertools
import json
import random
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import copier
import pytest

from trivium import model, source, templating
from trivium.explanation import explain
from trivium.recommendation import Recommendation, recommend

CHOICES = {criterion.id: list(criterion.answers) for criterion in model.load().criteria.values()}
SAMPLE = random.Random(24)


def singles() -> Iterator[dict[str, Any]]:
    for id_, choices in CHOICES.items():
        for choice in choices:
            yield {id_: choice}


def pairs() -> Iterator[dict[str, Any]]:
    for (one, its_choices), (other, other_choices) in itertools.combinations(CHOICES.items(), 2):
        for choice, other_choice in itertools.product(its_choices, other_choices):
            yield {one: choice, other: other_choice}


def sampled(count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        ids = SAMPLE.sample(sorted(CHOICES), SAMPLE.randint(2, len(CHOICES)))
        answers: dict[str, Any] = {id_: SAMPLE.choice(CHOICES[id_]) for id_ in ids}
        if SAMPLE.random() < 0.3:
            answers["approved_languages"] = SAMPLE.sample(["python", "go", "java"], SAMPLE.randint(1, 3))
        elif SAMPLE.random() < 0.3:
            answers["must_have"] = [SAMPLE.choice(list(model.load().must_have))]
        yield answers


TEMPLATE = """\
{%- from 'chooser/advice.jinja' import advice, model with context -%}
{%- from 'chooser/consider.jinja' import consider -%}
{%- set model = model() | from_yaml -%}
{{ language }}
{{ consider(model, _copier_answers) }}
{% for answers in _copier_conf.data.batch | default([]) -%}
{{ consider(model, answers) }}
{% endfor -%}
{{ advice() }}"""

RANK = """\
{%- from 'chooser/evaluate.jinja' import rank -%}
{%- set out = {} -%}{{- rank(model, answers, out) -}}{{ out | tojson }}"""
RANKING = """\
{%- from 'chooser/advice.jinja' import model with context -%}
{%- from 'chooser/evaluate.jinja' import rank -%}
{%- set model = model() | from_yaml -%}
{% for answers in _copier_conf.data.batch -%}
{%- set out = {} -%}{{- rank(model, answers, out) -}}{{ out | tojson }}
{% endfor -%}
"""


@pytest.fixture(scope="module")
def questionnaire(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Put small templates behind the real questions and the real model, so that many renders take little time."""
    folder = tmp_path_factory.mktemp("template")
    shutil.copy(source.root() / "copier.yml", folder)
    for name in ("chooser", "common"):
        shutil.copytree(source.root() / name, folder / name)
    for language in model.load().languages:
        (folder / f"template-{language}").mkdir()
        (folder / f"template-{language}" / "advice.txt.jinja").write_text(TEMPLATE, encoding="utf-8")
    return folder


def ask_copier(template: Path, destination: Path, data: dict[str, Any]) -> list[str]:
    """Render by plain Copier; return the lines of the rendered file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is no earlier answers file, and the template is no git repository
        copier.run_copy(str(template), destination, data=data, defaults=True, quiet=True)
    return (destination / "advice.txt").read_text(encoding="utf-8").splitlines()


def as_object(recommendation: Recommendation) -> Any:
    return json.loads(recommendation.to_json())


def test_the_questionnaire_leads_to_the_chooser_s_recommendation(questionnaire: Path, tmp_path: Path) -> None:
    """One case a render: plain Copier's default language, every figure, and the words it shows."""
    for number, answers in enumerate([{}, *sampled(5)]):
        expected = recommend(answers)
        language, evaluated, *advice = ask_copier(questionnaire, tmp_path / str(number), answers)
        assert language == expected.recommended, answers
        assert json.loads(evaluated) == as_object(expected), answers
        assert advice == explain(expected).splitlines(), answers


def test_copier_s_evaluation_is_the_chooser_s(questionnaire: Path, tmp_path: Path) -> None:
    """Everything about a recommendation, for many cases in one render."""
    cases = [*SAMPLE.sample([*singles()], 5), *SAMPLE.sample([*pairs()], 3), *sampled(6)]
    _, _, *rest = ask_copier(questionnaire, tmp_path / "batch", {"batch": cases})
    for answers, evaluated in zip(cases, rest, strict=False):
        assert json.loads(evaluated) == as_object(recommend(answers)), answers


def test_all_pairs_rank_the_same(questionnaire: Path, tmp_path: Path) -> None:
    """The ranking alone, which takes less time, for every answer, every pair of answers and a sample of larger sets."""
    template = tmp_path / "template"
    shutil.copytree(questionnaire, template)
    for language in model.load().languages:
        (template / f"template-{language}" / "advice.txt.jinja").write_text(RANKING, encoding="utf-8")
    cases = [*singles(), *pairs(), *sampled(200)]
    lines = ask_copier(template, tmp_path / "out", {"batch": cases})
    for answers, ranked in zip(cases, lines, strict=True):
        assert json.loads(ranked) == json.loads(templating.render(RANK, model=model.load().raw, answers=answers)), (
            answers
        )
