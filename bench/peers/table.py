"""The table of scores as Markdown, and its place in the README."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OPENS, CLOSES = "<!-- peers: written by make peers -->", "<!-- /peers -->"
CELLS = {"pass": "pass", "fail": "FAIL", "n/a": "n/a"}


@dataclass(frozen=True)
class Column:
    """One service: what it is, and the report of `trivium verify --json`, or a word for why there is none."""

    name: str
    about: str
    report: Mapping[str, Any] | None = None
    word: str = ""
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def cell(self, check: str) -> str:
        """Return what stands in a check's row."""
        return CELLS[self.outcomes[check]] if self.report else self.word

    def total(self) -> str:
        """Return what stands in the last row."""
        if not self.report:
            return self.word
        return f"{self.report['passed']} of {self.report['passed'] + self.report['failed']}"


def markdown(titles: Mapping[str, str], columns: Sequence[Column]) -> str:
    """Return the table and what the columns are."""
    lines = [_row(["check", *(column.name for column in columns)]), _row(["---"] * (len(columns) + 1))]
    lines += [_row([f"{id_} {title}", *(c.cell(id_) for c in columns)]) for id_, title in titles.items()]
    lines.append(_row(["**passed, of those that apply**", *(f"**{column.total()}**" for column in columns)]))
    about = [f"- {column.name}: {column.about}" for column in columns]
    return "\n".join([*lines, "", *about])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def put(readme: Path, text: str) -> None:
    """Replace what stands between the two markers. Raises ValueError where they are not."""
    before, opens, rest = readme.read_text(encoding="utf-8").partition(OPENS)
    _, closes, after = rest.partition(CLOSES)
    if not (opens and closes):
        raise ValueError(f"{readme.name} has no place for the table, between {OPENS} and {CLOSES}.")
    readme.write_text(f"{before}{OPENS}\n{text}\n{CLOSES}{after}", encoding="utf-8")
