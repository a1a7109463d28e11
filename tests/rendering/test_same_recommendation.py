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

from trivium import model, source
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
        yield answers


TEMPLATE = """\
{%- from 'chooser/advice.jinja' import advice, model with context -%}
{%- from 'chooser/evaluate.jinja' import evaluate -%}
{%- set model = model() | from_yaml -%}
{{ language }}
{{ evaluate(model, _copier_answers) }}
{% for answers in _copier_conf.data.batch | default([]) -%}
{{ evaluate(model, answers) }}
{% endfor -%}
{{ advice() }}"""


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
    one_each = [{id_: SAMPLE.choice(choices)} for id_, choices in CHOICES.items()]
    for number, answers in enumerate([{}, *one_each, *sampled(15)]):
        expected = recommend(answers)
        language, evaluated, *advice = ask_copier(questionnaire, tmp_path / str(number), answers)
        assert language == expected.recommended, answers
        assert json.loads(evaluated) == as_object(expected), answers
        assert advice == explain(expected).splitlines(), answers


def test_copier_s_evaluation_is_the_chooser_s(questionnaire: Path, tmp_path: Path) -> None:
    """Many cases in one render: all single answers and pairs, and a sample of larger sets."""
    cases = [*singles(), *pairs(), *sampled(2000)]
    _, _, *rest = ask_copier(questionnaire, tmp_path / "batch", {"batch": cases})
    for answers, evaluated in zip(cases, rest, strict=False):
        assert json.loads(evaluated) == as_object(recommend(answers)), answers
