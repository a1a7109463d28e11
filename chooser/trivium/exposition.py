"""The Prometheus text format: lines into samples."""

import re
from collections.abc import Iterator

LINE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
Sample = tuple[str, dict[str, str], float]


def samples(text: str) -> Iterator[Sample]:
    """Yield each sample: its name, its labels, its value. Raises ValueError naming a line whose value is no number."""
    for line in text.splitlines():
        if found := LINE.match(line):
            try:
                yield found[1], dict(LABEL.findall(found[2] or "")), float(found[3])
            except ValueError as error:
                raise ValueError(f"this line: {line[:120]!r}") from error
