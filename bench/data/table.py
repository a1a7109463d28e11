"""The table of `make bench-data` as Markdown."""

import statistics
from collections.abc import Mapping, Sequence

OF_MINIMAL = 0.8  # of the minimal handler, at least
OF_DEFAULT = 1.0  # ahead of the generator's default
Figures = Mapping[str, Sequence[float]]  # of each round, by role


def markdown(measured: Mapping[str, Figures], rates: Mapping[str, Figures]) -> str:
    """Return the table, a language a column: requests per CPU-second, and a second; a missed target says so."""
    rows = [
        ["", *measured],
        ["---"] * (len(measured) + 1),
        *(
            [f"{label}, requests per CPU-second", *(_median(figures, role) for figures in measured.values())]
            for role, label in (("minimal", "minimal handler"), ("ours", "rendered service"), ("default", "generator"))
        ),
        [
            f"rendered ÷ minimal (target ≥ {OF_MINIMAL:g})",
            *(_ratio(f, "minimal", OF_MINIMAL) for f in measured.values()),
        ],
        [
            f"rendered ÷ generator (target > {OF_DEFAULT:g})",
            *(_ratio(f, "default", OF_DEFAULT) for f in measured.values()),
        ],
        [
            f"requests a second, rendered ÷ minimal (target ≥ {OF_MINIMAL:g})",
            *(_ratio(f, "minimal", OF_MINIMAL) for f in rates.values()),
        ],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def ratios(figures: Figures, one: str, other: str) -> list[float]:
    """Return round by round how many times as many requests one answers for the same processor time."""
    return [ours / theirs for ours, theirs in zip(figures[one], figures[other], strict=True)]


def _median(figures: Figures, role: str) -> str:
    return f"{statistics.median(figures[role]):.0f}" if role in figures else "-"


def _ratio(figures: Figures, other: str, target: float) -> str:
    if not {"ours", other} <= set(figures):
        return "-"
    found = ratios(figures, "ours", other)
    middle = statistics.median(found)
    missed = "" if middle >= target else " MISSED"
    return f"{middle:.2f} ({min(found):.2f} to {max(found):.2f}){missed}"
