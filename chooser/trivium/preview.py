"""What would be written: the files of a service, and what one other answer would change in them."""

import difflib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import rendering


def tree(answers: Mapping[str, Any], folder: str) -> str:
    """Return the files that a service would have, one a line, each folder's files below it."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / folder
        rendering.render(root, answers)
        lines = [f"{folder}/"]
        for path in sorted(root.rglob("*")):
            depth = len(path.relative_to(root).parts)
            lines.append(f"{'  ' * depth}{path.name}{'/' if path.is_dir() else ''}")
        return "\n".join(lines)


def diff(answers: Mapping[str, Any], others: Mapping[str, Any], folder: str) -> str:
    """Return the difference between the services of two sets of answers, as a unified diff."""
    with tempfile.TemporaryDirectory() as scratch:
        before, after = Path(scratch) / "before" / folder, Path(scratch) / "after" / folder
        rendering.render(before, answers)
        rendering.render(after, others)
        return "".join(_differences(before, after))


def _differences(before: Path, after: Path) -> Iterator[str]:
    names = sorted({path.relative_to(root) for root in (before, after) for path in root.rglob("*") if path.is_file()})
    for name in names:
        one, other = (_lines(root / name) for root in (before, after))
        yield from difflib.unified_diff(one, other, f"before/{name}", f"after/{name}")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True) if path.is_file() else []
