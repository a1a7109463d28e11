"""The conversation: criteria, constraints, language, names, review; nothing is written before the review is passed."""

from pathlib import Path
from typing import Any

from . import agenda, explanation, layout, model, naming, preview, prompts, standing
from .answers import APPROVED, LANGUAGE, MUST_HAVE
from .recommendation import recommend


def converse(given: dict[str, Any], target: Path) -> dict[str, Any]:
    """Ask what is open and return the complete answers. Raises KeyboardInterrupt when the user stops."""
    answers = _ask_criteria(dict(given))
    _ask_constraints(answers)
    recommendation = recommend(answers)
    print(f"\n{layout.wrap(explanation.explain(recommendation))}\n")
    if LANGUAGE not in answers:
        answers[LANGUAGE] = prompts.ask_language(recommendation)
    _ask_names(answers, target.name)
    return _review(answers, target)


def _ask_criteria(answers: dict[str, Any]) -> dict[str, Any]:
    """Ask, the most decisive first, until no remaining answer changes the result, or further if the user wants."""
    asked = [id_ for id_ in answers if id_ in model.load().criteria]
    given = list(asked)
    told = False
    if not answers:
        _ask_first(answers, asked)
    while True:
        recommendation = recommend(answers)
        criterion = agenda.next_question(answers, asked, recommendation)
        if criterion is None and not told and (left := agenda.left(asked)):
            choice = prompts.ask_further(recommendation, len(left), can_go_back=asked != given)
            told = choice == prompts.MORE
            if choice == prompts.RESULT:
                return answers
            if choice == prompts.BACK:
                answers.pop(asked.pop(), None)
                continue
        criterion = criterion or next(iter(agenda.left(asked)), None)
        if criterion is None:
            return answers
        print(f"\n{standing.line(recommendation)}")
        answer = prompts.ask_criterion(criterion, can_go_back=asked != given)
        if answer == prompts.BACK:
            answers.pop(asked.pop(), None)
            continue
        asked.append(criterion.id)
        if answer:
            answers[criterion.id] = answer


def _ask_first(answers: dict[str, Any], asked: list[str]) -> None:
    """Ask what agenda.py asks first; without an answer there is nothing to weigh, so the evaluator is not loaded."""
    criterion = agenda.left(())[0]
    print(f"\n{standing.level()}")
    answer = prompts.ask_criterion(criterion, can_go_back=False)
    asked.append(criterion.id)
    if answer:
        answers[criterion.id] = answer


def _ask_constraints(answers: dict[str, Any]) -> None:
    if MUST_HAVE not in answers:
        answers[MUST_HAVE] = prompts.ask_must_have(answers)
    if APPROVED not in answers:
        answers[APPROVED] = prompts.ask_approved(answers)


def _ask_names(answers: dict[str, Any], folder: str) -> None:
    for name in naming.names(answers, folder):
        if name.key not in answers:
            answers[name.key] = prompts.ask_name(name)


def _review(answers: dict[str, Any], target: Path) -> dict[str, Any]:
    """Show everything before anything is written, and let every answer be changed."""
    while True:
        print(f"\n{layout.wrap(_summary(answers, target))}\n")
        choice = prompts.ask_review()
        if choice == prompts.WRITE:
            return answers
        if choice == prompts.STOP:
            raise KeyboardInterrupt
        if choice == prompts.FILES:
            print(f"\n{preview.tree(answers, target.name)}")
        if choice == prompts.NAMES:
            for key in naming.KEYS:
                answers.pop(key, None)
            _ask_names(answers, target.name)
        if choice == prompts.CHANGE:
            _change_one(answers)
        if choice == prompts.LANGUAGES:
            _change_language(answers, target.name)


def _change_one(answers: dict[str, Any]) -> None:
    criterion = prompts.ask_which(answers)
    before = recommend(answers).recommended
    answer = prompts.ask_criterion(criterion, can_go_back=False)
    answers.pop(criterion.id, None)
    if answer:
        answers[criterion.id] = answer
    recommendation = recommend(answers)
    print(f"\n{standing.line(recommendation)}")
    if recommendation.recommended != before:
        labels = model.load().languages
        print(f"  The recommendation moves from {labels[before]} to {labels[recommendation.recommended]}.")


def _change_language(answers: dict[str, Any], folder: str) -> None:
    recommendation = recommend(answers)
    print(f"\n{layout.wrap(explanation.explain(recommendation))}\n")
    answers[LANGUAGE] = prompts.ask_language(recommendation)
    _ask_names(answers, folder)


def _summary(answers: dict[str, Any], target: Path) -> str:
    criteria = model.load().criteria
    labels = model.load().languages
    lines = [f"{answers['service_name']}, {labels[answers[LANGUAGE]]}, into {target}"]
    lines += [
        f"  {id_}  {criteria[id_].answers[answers[id_]].label}" if id_ in answers else f"  {id_}  (not answered)"
        for id_ in criteria
    ]
    lines += [f"  {key}  {', '.join(answers.get(key) or []) or 'nothing'}" for key in (MUST_HAVE, APPROVED)]
    lines += [f"  {name.key}  {answers[name.key]}" for name in naming.names(answers, target.name)]
    return "\n".join(lines)
