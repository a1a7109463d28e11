"""answers → recommendation: runs the evaluator (chooser/evaluate.jinja) and reads its result into types."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from . import model, templating

EVALUATE = "{% from 'chooser/evaluate.jinja' import evaluate %}{{ evaluate(model, answers) }}"


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
class Recommendation:
    """The result. `runner_up` and `margin` are None where only one language is approved."""

    recommended: str
    ranking: tuple[Rank, ...]
    runner_up: str | None
    margin: float | None
    unanswered: tuple[str, ...]

    def to_json(self) -> str:
        """Return the result as one JSON object."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def recommend(answers: Mapping[str, Any]) -> Recommendation:
    """Evaluate valid answers (see answers.check)."""
    result = json.loads(templating.render(EVALUATE, model=model.load().raw, answers=dict(answers)))
    return Recommendation(
        recommended=result["recommended"],
        ranking=tuple(_rank(entry) for entry in result["ranking"]),
        runner_up=result["runner_up"],
        margin=result["margin"],
        unanswered=tuple(result["unanswered"]),
    )


def _rank(entry: Mapping[str, Any]) -> Rank:
    reasons = tuple(Reason(**{**reason, "statements": tuple(reason["statements"])}) for reason in entry["reasons"])
    return Rank(entry["language"], entry["score"], entry["excluded"], reasons)
