"""Reading a report of whatever kind into figures."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from trivium.errors import UserError

from . import load_tools, scrape
from .figures import Figures, completed

MOST_BYTES = 50_000_000
STDIN = Path("-")


def read(path: Path) -> Figures:
    """Return the figures of a report. Raises UserError."""
    text, made_at = _text(path)
    figures = _of_load_tool(path, text) if text.lstrip()[:1] in ("{", "[") else scrape.read(text, made_at)
    if not figures.get("requests"):
        raise UserError(f"{path} counts no requests; take the report under the service's usual load.")
    return completed(figures)


def _text(path: Path) -> tuple[str, float]:
    """Return a report and when it was written, in Unix seconds."""
    if path == STDIN:
        return sys.stdin.read(MOST_BYTES), time.time()
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            raise UserError(
                f"{path} has {size} bytes, more than any load report; name the summary that the tool writes."
            )
        return path.read_text(encoding="utf-8"), path.stat().st_mtime
    except OSError as error:
        raise UserError(f"The load report {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not text in UTF-8; name a load report or a scrape of /metrics.") from error


def _of_load_tool(path: Path, text: str) -> dict[str, float]:
    try:
        report: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is broken JSON: {error}.") from error
    for tool, (is_of, figures) in load_tools.TOOLS.items():
        try:
            if is_of(report):
                return {name: float(value) for name, value in figures(report).items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(f"{path} looks like a report of {tool}, but lacks what one has: {error!r}.") from error
    raise UserError(f"{path} is no JSON summary of {' or '.join(load_tools.TOOLS)}, and no scrape of /metrics.")
