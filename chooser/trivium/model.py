"""The decision model: chooser/criteria.yml read into types, with chooser/evidence.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from . import source, tables


@dataclass(frozen=True)
class Answer:
    """One possible answer: its label, what it counts for each language, and why."""

    label: str
    points: Mapping[str, float]
    statements: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Criterion:
    """One question about the workload or the constraints."""

    id: str
    question: str
    why: str
    group: str | None
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class Need:
    """A library or property that decides before any score: the languages that have it; none means that none fits."""

    label: str
    languages: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class Model:
    """The whole table. `raw` is what the evaluator reads."""

    languages: Mapping[str, str]
    criteria: Mapping[str, Criterion]
    must_have: Mapping[str, Need]
    must_have_question: str
    must_have_why: str
    approved_question: str
    approved_why: str
    raw: Mapping[str, Any]


@cache
def load() -> Model:
    """Read chooser/criteria.yml, and what was measured of its statements beside it."""
    folder = source.root() / "chooser"
    raw = {**tables.read(folder / "criteria.yml"), **tables.read(folder / "evidence.yml")}
    return Model(
        languages=raw["languages"],
        criteria={id_: _criterion(id_, entry) for id_, entry in raw["criteria"].items()},
        must_have={
            name: Need(need["label"], tuple(need["languages"]), need["because"])
            for name, need in raw["must_have"]["answers"].items()
        },
        must_have_question=raw["must_have"]["question"],
        must_have_why=raw["must_have"]["why"],
        approved_question=raw["approved_languages"]["question"],
        approved_why=raw["approved_languages"]["why"],
        raw=raw,
    )


def _criterion(id_: str, entry: Mapping[str, Any]) -> Criterion:
    return Criterion(
        id=id_,
        question=entry["question"],
        why=entry["why"],
        group=entry.get("group"),
        answers={
            name: Answer(answer["label"], answer["points"], tuple(answer["statements"]), answer["text"])
            for name, answer in entry["answers"].items()
        },
    )
