"""The prompts: one function for each kind of question, all through questionary; they ask and decide nothing."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import questionary

from . import answers as answering
from . import destination, layout, model, naming
from .errors import UserError
from .questions import UNANSWERED
from .recommendation import Recommendation

SMALLEST = (60, 20)  # columns, lines
BACK, MORE, RESULT = "back", "more", "result"
WRITE, CHANGE, LANGUAGES, NAMES, FILES, STOP = "write", "change", "languages", "names", "files", "stop"


def check_terminal() -> None:
    """Refuse a terminal in which a question would not fit. Raises UserError."""
    size = shutil.get_terminal_size()
    if size.columns < SMALLEST[0] or size.lines < SMALLEST[1]:
        raise UserError(
            f"The terminal is {size.columns} columns by {size.lines} lines; the conversation needs {SMALLEST[0]} by "
            f"{SMALLEST[1]}. Enlarge it, or pass DEST and --yes."
        )


def ask_destination() -> Path:
    """Ask where the service shall go until the answer is usable."""
    answer = questionary.text(
        "Where shall the service go?",
        default="../orders",
        qmark="?",
        validate=_sentence(lambda text: destination.check(Path(text))),
    )
    return destination.check(Path(str(answer.unsafe_ask())))


def ask_criterion(criterion: model.Criterion, *, can_go_back: bool) -> str:
    """Return the answer, "" for none, or BACK; what an answer counts shows below it."""
    choices = [
        questionary.Choice(answer.label, id_, description=_effect(answer)) for id_, answer in criterion.answers.items()
    ]
    choices.append(questionary.Choice(UNANSWERED, "", description="Counts nothing; the others decide."))
    if can_go_back:
        choices.append(_back())
    print(f"\n{layout.wrap(criterion.why, indent='  ')}")
    return _select(criterion.question, choices)


def ask_further(recommendation: Recommendation, left: int, *, can_go_back: bool) -> str:
    """Say that no remaining answer changes the result; return RESULT, MORE or BACK."""
    language = model.load().languages[recommendation.recommended]
    choices = [
        questionary.Choice("Show the result", RESULT),
        questionary.Choice(f"Answer the remaining {left} too, for a firmer result", MORE),
    ]
    if can_go_back:
        choices.append(_back())
    print(f"\n  No single one of the remaining {left} answers can change the recommendation: {language}.")
    return _select("How shall it go on?", choices)


def ask_must_have(given: Mapping[str, Any]) -> list[str]:
    """Ask which libraries and properties decide before any score."""
    chooser = model.load()
    choices = [questionary.Choice(need.label, id_) for id_, need in chooser.must_have.items()]
    return _checkbox(chooser.must_have_question, chooser.must_have_why, choices, _fits(given, answering.MUST_HAVE))


def ask_approved(given: Mapping[str, Any]) -> list[str]:
    """Ask which languages may be used."""
    chooser = model.load()
    choices = [questionary.Choice(label, id_, checked=True) for id_, label in chooser.languages.items()]
    return _checkbox(chooser.approved_question, chooser.approved_why, choices, _fits(given, answering.APPROVED))


def ask_language(recommendation: Recommendation) -> str:
    """Ask which language to render, the recommended one first."""
    labels = model.load().languages
    choices = [
        questionary.Choice(f"{labels[rank.language]} (score {rank.score:g})", rank.language)
        for rank in recommendation.ranking
        if not rank.excluded
    ]
    return _select("Which language shall it be?", choices)


def ask_name(name: naming.Name) -> str:
    """Ask one name until it is valid."""
    if name.choices:
        return _select(name.question, [questionary.Choice(label, value) for label, value in name.choices.items()])
    return str(
        questionary.text(
            name.question,
            default=name.default,
            qmark="?",
            validate=lambda text: naming.problem(name.key, text) or True,
        ).unsafe_ask()
    )


def ask_review() -> str:
    """Return WRITE, CHANGE, LANGUAGES, NAMES, FILES or STOP."""
    choices = [
        questionary.Choice("Write it", WRITE),
        questionary.Choice("Change an answer", CHANGE),
        questionary.Choice("See the reasons again, choose another language", LANGUAGES),
        questionary.Choice("Change the names, the samples, the database", NAMES),
        questionary.Choice("Show the files it would write", FILES),
        questionary.Choice("Stop, write nothing", STOP),
    ]
    return _select("Is this right?", choices)


def ask_which(given: Mapping[str, Any]) -> model.Criterion:
    """Ask which criterion's answer shall be changed."""
    criteria = model.load().criteria
    choices = [
        questionary.Choice(f"{criterion.question} {_current(criterion, given)}", id_)
        for id_, criterion in criteria.items()
    ]
    return criteria[_select("Which answer?", choices)]


def _current(criterion: model.Criterion, given: Mapping[str, Any]) -> str:
    return criterion.answers[given[criterion.id]].label if criterion.id in given else UNANSWERED


def _effect(answer: model.Answer) -> str:
    labels = model.load().languages
    counts = ", ".join(f"{labels[id_]} {points:+g}" for id_, points in answer.points.items())
    # questionary shows it behind "  Description: " and cuts off what does not fit.
    return layout.wrap(f"{' ' * 15}{counts}. {answer.text}").lstrip()


def _back() -> questionary.Choice:
    return questionary.Choice("« Back to the question before", BACK)


def _select(question: str, choices: Sequence[questionary.Choice]) -> str:
    return str(questionary.select(question, choices=choices, qmark="?").unsafe_ask())


def _checkbox(
    question: str, why: str, choices: Sequence[questionary.Choice], validate: Callable[[Any], bool | str]
) -> list[str]:
    print(f"\n{layout.wrap(why, indent='  ')}")
    chosen = questionary.checkbox(question, choices=choices, qmark="?", validate=validate).unsafe_ask()
    return [str(entry) for entry in chosen]


def _fits(given: Mapping[str, Any], key: str) -> Callable[[Any], bool | str]:
    """Return a check that a list leaves at least one language."""

    def check(chosen: list[str]) -> None:
        checked = answering.check({key: chosen})
        answering.check_together({**given, **checked})

    return _sentence(check)


def _sentence(check: Callable[[Any], object]) -> Callable[[Any], bool | str]:
    """Turn a check that raises UserError into one that questionary shows."""

    def validate(value: object) -> bool | str:
        try:
            check(value)
        except UserError as error:
            return str(error)
        return True

    return validate
