"""Draws the README's picture from a real run of the chooser: `make picture`."""

import io
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.text import Text

from project import ROOT
from terminal import Terminal

ANSWERS = ROOT / "examples" / "answers" / "edge-gateway.yml"
# Fonts of the reader's own machine, so that the picture loads nothing from elsewhere.
FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -8 {width} {height}" role="img">
<title>The chooser recommends a language</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; white-space: pre; }}
{styles}
</style>
<defs>{lines}</defs>
<rect x="-12" y="-8" width="{width}" height="{height}" rx="8" fill="#292929"/>
<g class="{unique_id}-matrix">{backgrounds}{matrix}</g>
</svg>
"""


def main(path: Path) -> None:
    """Run the chooser up to its recommendation and write the screen as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal.trivium("new", "edge-gateway", "--answers", ANSWERS, cwd=Path(folder), height=46)
        for question in ("How shall it go on?", "must it have?", "your organisation"):
            terminal.wait_for(question)
            terminal.press("enter")
        terminal.wait_for("Which language shall it be?")
        terminal.settle()
        picture = draw(terminal)
        terminal.press("ctrl-c")
        terminal.wait()
    path.write_text(picture, encoding="utf-8")


def draw(terminal: Terminal) -> str:
    """Return the terminal's screen as SVG."""
    console = Console(record=True, width=terminal.screen.columns, file=io.StringIO())
    for row in range(terminal.screen.lines):
        cells = [terminal.screen.buffer[row][column] for column in range(terminal.screen.columns)]
        line = Text()
        for look, run in groupby(cells, key=lambda cell: (cell.fg, cell.bold, cell.reverse)):
            line.append("".join(cell.data for cell in run), Style(color=colour(look[0]), bold=look[1], reverse=look[2]))
        line.rstrip()
        console.print(line)
    return console.export_svg(code_format=FRAME, unique_id="chooser")


def colour(name: str) -> str | None:
    """Return Rich's name for a colour of the terminal."""
    if name == "default":
        return None
    return {"brown": "yellow"}.get(name) or (f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
