"""Sections of the README that benchmarks write, each between its own markers."""

from collections.abc import Iterable, Sequence
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
BEFORE = "\n## Layout\n"


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a table of Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def put(command: str, text: str, readme: Path = README) -> None:
    """Write what `make command` found; a new section comes before the layout. Raises ValueError without a place."""
    opens, closes = f"<!-- {command}: written by make {command} -->", f"<!-- /{command} -->"
    whole = readme.read_text(encoding="utf-8")
    if opens not in whole:
        whole = whole.replace(BEFORE, f"\n{opens}\n{closes}\n{BEFORE}", 1)
    before, begin, rest = whole.partition(opens)
    _, end, after = rest.partition(closes)
    if not (begin and end):
        raise ValueError(f"{readme.name} has no place for the section, between {opens} and {closes}.")
    readme.write_text(f"{before}{opens}\n{text}\n{closes}{after}", encoding="utf-8")
