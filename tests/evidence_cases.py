"""Prints how published stories come out: `make evidence-cases`. Judges the model, never tunes it.

A verdict is right when a clear story's choice comes first, when a close one's comes first or second or a close call is
flagged, and when a story that took none of the three gets the warning.
"""

import statistics
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from project import ROOT
from trivium import agenda, answers, model, tables
from trivium.recommendation import Rank, Recommendation, recommend

CASES = ROOT / "tests" / "cases" / "published-choices.yml"
COLUMNS = (
    "case",
    "kind",
    "chosen",
    "recommended",
    "runner-up",
    "margin",
    "close call",
    "none fits",
    "verdict",
    "asked",
)


@dataclass(frozen=True)
class Case:
    """One published story; `note` is the reason it gives that its answers do not hold."""

    id: str
    kind: str
    chosen: str
    answers: Mapping[str, Any]
    note: str


@dataclass(frozen=True)
class Outcome:
    """What the model makes of a case, and what the conversation would have asked to get there."""

    case: Case
    result: Recommendation
    asked: int
    after_asking: Recommendation

    @property
    def right(self) -> bool:
        """Say whether the verdict is right."""
        first_two = (self.result.recommended, self.result.runner_up)
        return {
            "clear": self.case.chosen == self.result.recommended,
            "close_call": self.case.chosen in first_two or self.result.close_call,
            "none_of_three": self.result.none_fits,
        }[self.case.kind]


def read(path: Path) -> list[Case]:
    """Read a file of cases: a list, or a mapping of `cases` and `notes`."""
    content = tables.read(path)
    entries, notes = (content, {}) if isinstance(content, list) else (content["cases"], content["notes"])
    return [
        Case(entry["id"], entry["kind"], entry["chosen"], answers.check(entry["answers"]), notes.get(entry["id"], ""))
        for entry in entries
    ]


def evaluate(case: Case) -> Outcome:
    """Evaluate a case twice: with all that its story states, and with what the conversation would ask of that."""
    asked, after_asking = converse(case)
    return Outcome(case, recommend(case.answers), asked, after_asking)


def converse(case: Case) -> tuple[int, Recommendation]:
    """Hold the conversation with somebody who knows what the story states, and says "I don't know" to the rest."""
    given: dict[str, Any] = {}
    asked: list[str] = []
    while criterion := agenda.next_question(given, asked, _recommend(tuple(given.items()))):
        asked.append(criterion.id)
        if criterion.id in case.answers:
            given[criterion.id] = case.answers[criterion.id]
    return len(asked), _recommend(tuple(given.items()))


@cache  # most conversations begin alike
def _recommend(given: tuple[tuple[str, Any], ...]) -> Recommendation:
    return recommend(dict(given))


def explain(outcome: Outcome) -> str:
    """Say in a sentence which answers led elsewhere, by how many points, and what the story adds."""
    case, result = outcome.case, outcome.result
    labels = model.load().languages
    ranks = {rank.language: rank for rank in result.ranking}
    if case.kind == "none_of_three":
        sentence = f"{labels[result.recommended]} without a warning, since the answers meet no extreme of criteria.yml."
    elif case.chosen not in ranks:
        sentence = f"{_lead(ranks, result.recommended, str(result.runner_up))}; the story took none of the three."
    else:
        sentence = f"{_lead(ranks, result.recommended, case.chosen)}."
    return f"{case.id}: {sentence} {case.note}".rstrip()


def _lead(ranks: Mapping[str, Rank], first: str, other: str) -> str:
    """Compare two languages reason by reason, in points of criteria.yml."""
    labels = model.load().languages
    points = {
        language: {(reason.criterion, reason.answer): reason.points for reason in ranks[language].reasons}
        for language in (first, other)
    }
    reasons = dict.fromkeys([*points[first], *points[other]])
    gaps = {reason: points[first].get(reason, 0) - points[other].get(reason, 0) for reason in reasons}
    total = sum(gaps.values())
    ahead = _listed({reason: gap for reason, gap in gaps.items() if gap > 0})
    behind = _listed({reason: -gap for reason, gap in gaps.items() if gap < 0})
    against = f" outweigh {behind}" if behind else f" speak for it, and nothing stated for {labels[other]}"
    return f"{labels[first]} leads {labels[other]} by {total:g} points: {ahead}{against}"


def _listed(gaps: Mapping[tuple[str, str], float]) -> str:
    ordered = sorted(gaps.items(), key=lambda entry: -entry[1])
    return ", ".join(f"{criterion}: {answer} ({gap:g})" for (criterion, answer), gap in ordered)


def report(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield the table, a sentence for every miss, and the two figures that are aimed at."""
    rows = [COLUMNS, *(_row(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""
    misses = [outcome for outcome in outcomes if not outcome.right]
    for outcome in misses:
        yield f"miss  {explain(outcome)}"
    yield ""
    right = len(outcomes) - len(misses)
    yield f"verdicts right: {right} of {len(outcomes)} ({share(outcomes):.0%}; aim: 80 %)"
    yield f"questions asked, median: {median(outcomes):g} (aim: at most 7)"
    elsewhere = [outcome for outcome in outcomes if outcome.after_asking.recommended != outcome.result.recommended]
    ends = ", ".join(f"{outcome.case.id} ({outcome.after_asking.recommended})" for outcome in elsewhere)
    yield f"where stopping early ends elsewhere than all that is stated: {len(elsewhere)} of {len(outcomes)}: {ends}"


def share(outcomes: list[Outcome]) -> float:
    """Return the share of right verdicts."""
    return sum(outcome.right for outcome in outcomes) / len(outcomes)


def median(outcomes: list[Outcome]) -> float:
    """Return the median number of questions."""
    return statistics.median(outcome.asked for outcome in outcomes)


def _row(outcome: Outcome) -> tuple[str, ...]:
    case, result = outcome.case, outcome.result
    margin = "" if result.margin is None else f"{result.margin:g}"
    flags = ["yes" if flag else "" for flag in (result.close_call, result.none_fits)]
    verdict = "right" if outcome.right else "MISS"
    names = (case.id, case.kind, case.chosen, result.recommended, result.runner_up or "")
    return (*names, margin, *flags, verdict, str(outcome.asked))


if __name__ == "__main__":
    for line in report([evaluate(case) for case in read(Path(sys.argv[1]) if len(sys.argv) > 1 else CASES)]):
        print(line)
