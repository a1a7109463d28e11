"""The conversation: asks what is not answered yet, shows the recommendation, asks the names."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import questionary

from . import destination, explanation, layout, model, naming
from .answers import APPROVED, LANGUAGE
from .errors import UserError
from .questions import UNANSWERED
from .recommendation import Recommendation, recommend


def ask_destination() -> Path:
    """Ask where the service shall go until the answer is usable."""
    answer = questionary.text(
        "Where shall the service go?",
        default="../orders",
        validate=_sentence(lambda text: destination.check(Path(text))),
    )
    return destination.check(Path(str(answer.unsafe_ask())))


def ask_criteria(given: Mapping[str, Any]) -> dict[str, Any]:
    """Ask every criterion that has no answer yet; each may be left open."""
    answers = dict(given)
    for criterion in model.load().criteria.values():
        if criterion.id not in answers and (answer := _ask_criterion(criterion)):
            answers[criterion.id] = answer
    if APPROVED not in answers:
        answers[APPROVED] = _ask_approved()
    return answers


def ask_language(recommendation: Recommendation) -> str:
    """Show the recommendation and ask which language to render, the recommended one first."""
    print(f"\n{layout.wrap(explanation.explain(recommendation))}\n")
    languages = model.load().languages
    choices = [
        questionary.Choice(f"{languages[rank.language]} (score {rank.score:g})", rank.language)
        for rank in recommendation.ranking
        if not rank.excluded
    ]
    return str(questionary.select("Which language shall it be?", choices=choices, qmark="?").unsafe_ask())


def ask_names(given: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Ask the names that the chosen language needs."""
    answers = dict(given)
    for name in naming.names(answers, folder):
        if name.key not in answers:
            answers[name.key] = _ask_name(name)
    return answers


def _ask_criterion(criterion: model.Criterion) -> str:
    choices = [questionary.Choice(answer.label, id_) for id_, answer in criterion.answers.items()]
    choices.append(questionary.Choice(UNANSWERED, ""))
    print(f"\n{layout.wrap(criterion.why, indent='  ')}")
    return str(questionary.select(criterion.question, choices=choices, qmark="?").unsafe_ask())


def _ask_approved() -> list[str]:
    chooser = model.load()
    choices = [questionary.Choice(label, id_, checked=True) for id_, label in chooser.languages.items()]
    print(f"\n{layout.wrap(chooser.approved_why, indent='  ')}")
    chosen = questionary.checkbox(
        chooser.approved_question,
        choices=choices,
        qmark="?",
        validate=lambda picked: True if picked else "Approve at least one language.",
    ).unsafe_ask()
    return [str(language) for language in chosen]


def _ask_name(name: naming.Name) -> str:
    return str(
        questionary.text(
            name.question,
            default=name.default,
            qmark="?",
            validate=lambda text: naming.problem(name.key, text) or True,
        ).unsafe_ask()
    )


def _sentence(check: Callable[[str], object]) -> Callable[[str], bool | str]:
    """Turn a check that raises UserError into one that questionary shows."""

    def validate(text: str) -> bool | str:
        try:
            check(text)
        except UserError as error:
            return str(error)
        return True

    return validate


def converse(given: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Ask everything that is open and return the complete answers."""
    answers = ask_criteria(given)
    if LANGUAGE not in answers:
        answers[LANGUAGE] = ask_language(recommend(answers))
    return ask_names(answers, folder)
