"""figures → answers, by the table chooser/measured.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from trivium import source, tables

from .figures import Figures


@dataclass(frozen=True)
class Derived:
    """An answer that follows from a figure."""

    criterion: str
    measure: str
    value: float
    answer: str


@dataclass(frozen=True)
class Kept:
    """An answer that says what must hold, and whether it does. `most` is in the unit of the figure."""

    criterion: str
    answer: str
    measure: str
    value: float
    most: float

    @property
    def kept(self) -> bool:
        """Tell whether the figure is within the limit."""
        return self.value <= self.most


@cache
def table() -> Mapping[str, Any]:
    """Read chooser/measured.yml."""
    read: Mapping[str, Any] = tables.read(source.root() / "chooser" / "measured.yml")
    return read


def answers(figures: Figures) -> list[Derived]:
    """Return the answers that the figures give; what was not measured gives none."""
    rules = table()["criteria"].items()
    return [_derived(criterion, rule, figures) for criterion, rule in rules if rule["measure"] in figures]


def needs(figures: Figures, given: Mapping[str, Any]) -> list[Kept]:
    """Return which of the given answers hold."""
    return [
        Kept(criterion, given[criterion], rule["measure"], figures[rule["measure"]], rule["most"][given[criterion]])
        for criterion, rule in table()["needs"].items()
        if rule["measure"] in figures and given.get(criterion) in rule["most"]
    ]


def too_few(figures: Figures) -> bool:
    """Tell whether the report counts too few requests to say anything."""
    return figures["requests"] < float(table()["least_requests"])


def _derived(criterion: str, rule: Mapping[str, Any], figures: Figures) -> Derived:
    floor, measure = rule.get("counts_from"), rule["measure"]
    if floor and (value := figures.get(floor["measure"], 0.0)) < floor["least"]:
        return Derived(criterion, floor["measure"], value, floor["otherwise"])
    value = figures[measure]
    answer = next(band["answer"] for band in rule["bands"] if value < band.get("below", float("inf")))
    return Derived(criterion, measure, value, answer)
