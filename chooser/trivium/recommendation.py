"""answers → recommendation: runs the evaluator (chooser/consider.jinja) and reads its result into types."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from . import model, templating

CONSIDER = "{% from 'chooser/consider.jinja' import consider %}{{ consider(model, answers) }}"


@dataclass(frozen=True)
class Reason:
    """What one answer counts for one language, in points of criteria.yml."""

    criterion: str
    answer: str
    points: float
    statements: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Rank:
    """One language's place: its score (0 to 100, 50 is neutral) and the reasons that add up to it."""

    language: str
    score: float
    excluded: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Constraint:
    """What shuts languages out, whatever their score."""

    id: str
    excludes: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class Change:
    """Answers that would lead to another recommendation."""

    changes: Mapping[str, str]
    recommended: str


@dataclass(frozen=True)
class Recommendation:
    """The result; chooser/recommendation.schema.json documents every field.

    `runner_up` and `margin` (points of score) are None where constraints leave one language only.
    """

    recommended: str
    ranking: tuple[Rank, ...]
    runner_up: str | None
    margin: float | None
    stability: float
    confidence: float
    close_call: bool
    none_fits: bool
    warning: str | None
    performance_decides: bool
    constraints: tuple[Constraint, ...]
    flips: tuple[Change, ...]
    growth: tuple[Change, ...]
    policy: Mapping[str, Any] | None
    unanswered: tuple[str, ...]

    def to_json(self) -> str:
        """Return the result as one JSON object."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def recommend(answers: Mapping[str, Any]) -> Recommendation:
    """Evaluate valid answers (see answers.check) with all that makes the result firm or shaky."""
    result = json.loads(templating.render(CONSIDER, model=model.load().raw, answers=dict(answers)))
    return Recommendation(
        **{
            **result,
            "ranking": tuple(_rank(entry) for entry in result["ranking"]),
            "constraints": tuple(
                Constraint(entry["id"], tuple(entry["excludes"]), entry["because"]) for entry in result["constraints"]
            ),
            "flips": tuple(Change(**entry) for entry in result["flips"]),
            "growth": tuple(Change(**entry) for entry in result["growth"]),
            "unanswered": tuple(result["unanswered"]),
        }
    )


def _rank(entry: Mapping[str, Any]) -> Rank:
    reasons = tuple(Reason(**{**reason, "statements": tuple(reason["statements"])}) for reason in entry["reasons"])
    return Rank(entry["language"], entry["score"], entry["excluded"], reasons)
