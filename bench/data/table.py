"""The table of `make bench-data` as Markdown."""

import statistics
from collections.abc import Mapping, Sequence

from bench import readme

OF_MINIMAL = 0.8  # of the minimal handler, at least
OF_DEFAULT = 1.0  # ahead of the generator's default
TOLERANCE = 0.2  # a short run on a shared machine is no more exact than that
SHARE = "share_of_minimal"  # the figure's name in the summary
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
    return readme.table(rows)


def shares(measured: Mapping[str, Figures]) -> dict[str, float]:
    """Return what the rendered services do, of what the minimal handler of their language does in the same run."""
    both = {language: figures for language, figures in measured.items() if {"ours", "minimal"} <= set(figures)}
    return {language: statistics.median(ratios(figures, "ours", "minimal")) for language, figures in both.items()}


def worse(now: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """Return a sentence for each language that does clearly worse than recorded."""
    return [
        f"WORSE: {language} does {share:.2f} of the minimal handler; recorded is {recorded[language]:.2f}."
        for language, share in now.items()
        if language in recorded and share < (1 - TOLERANCE) * recorded[language]
    ]


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
