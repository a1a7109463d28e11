"""copier.yml asks what criteria.yml asks, in the same words, and never needs --trust."""

from typing import Any

import pytest

from trivium import model, naming, questions, source, tables

COPIER: dict[str, Any] = tables.read(source.root() / "copier.yml")


def test_the_written_questions_are_fresh() -> None:
    text = (source.root() / "copier.yml").read_text(encoding="utf-8")
    assert questions.section() in text, "run `make questions`"


@pytest.mark.parametrize("id_", list(model.load().criteria))
def test_each_criterion_is_asked_in_the_same_words(id_: str) -> None:
    criterion = model.load().criteria[id_]
    asked = COPIER[id_]
    assert asked["help"] == f"{criterion.question} {criterion.why}"
    assert list(asked["choices"].items()) == [
        (questions.UNANSWERED, ""),
        *((answer.label, name) for name, answer in criterion.answers.items()),
    ]
    assert asked["default"] == ""


def test_approved_languages_are_asked_in_the_same_words() -> None:
    chooser = model.load()
    asked = COPIER["approved_languages"]
    assert asked["help"] == f"{chooser.approved_question} {chooser.approved_why}"
    assert asked["choices"] == {label: id_ for id_, label in chooser.languages.items()}
    assert asked["default"] == list(chooser.languages)


def test_what_it_must_have_is_asked_in_the_same_words() -> None:
    chooser = model.load()
    asked = COPIER["must_have"]
    assert asked["help"] == f"{chooser.must_have_question} {chooser.must_have_why}"
    assert asked["choices"] == {need.label: name for name, need in chooser.must_have.items()}
    assert asked["default"] == []


def test_every_question_is_known_to_the_chooser() -> None:
    asked = {key for key in COPIER if not key.startswith("_")}
    computed = {"policy", "has_orders"}
    assert all(COPIER[key]["when"] is False for key in computed)
    assert asked == {*model.load().criteria, "must_have", "approved_languages", "language", *computed, *naming.KEYS}


def test_nothing_needs_trust() -> None:
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(COPIER)
