"""What to ask next, and when to stop: the most decisive open question, as long as one answer can change the result."""

from collections.abc import Collection, Mapping
from typing import Any

from . import model
from .recommendation import Recommendation

# Two or three answers lead so far that no single further one may overturn them, yet they are no ground to build on:
# below this many questions settled, the conversation goes on.
MINIMUM = 5


def reach(criterion: model.Criterion) -> float:
    """Return how far one answer can move two languages apart, in points of criteria.yml."""
    return max(max(answer.points.values()) - min(answer.points.values()) for answer in criterion.answers.values())


def left(settled: Collection[str]) -> list[model.Criterion]:
    """Return the criteria still open, the widest reach first; those of equal reach in the table's order."""
    still_open = [criterion for criterion in model.load().criteria.values() if criterion.id not in settled]
    return sorted(still_open, key=reach, reverse=True)


def deciding(recommendation: Recommendation) -> set[str]:
    """Return the criteria of which a single answer would change the recommendation."""
    return {id_ for flip in recommendation.flips if len(flip.changes) == 1 for id_ in flip.changes}


def next_question(
    answers: Mapping[str, Any], asked: Collection[str], recommendation: Recommendation
) -> model.Criterion | None:
    """Return the open criterion with the widest reach that can still change the result, or None when none can.

    `asked` are the criteria that were asked already, those left at "I don't know" too; `recommendation` is that of
    `answers`.
    """
    if recommendation.runner_up is None:  # the constraints have decided
        return None
    settled = {id_ for id_ in model.load().criteria if id_ in asked or answers.get(id_)}
    still_open = left(settled)
    decisive = [criterion for criterion in still_open if criterion.id in deciding(recommendation)]
    candidates = decisive or (still_open if len(settled) < MINIMUM else [])
    return next(iter(candidates), None)
