"""Text laid out for the width of the terminal."""

import shutil
import textwrap

WIDEST = 110


def wrap(text: str, indent: str = "") -> str:
    """Wrap every line at the terminal's width; what runs over hangs below the line's own text."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return "\n".join(_wrap_line(indent + line, width) for line in text.split("\n"))


def _wrap_line(line: str, width: int) -> str:
    text = line.lstrip()
    margin = len(line) - len(text)
    # A reason starts with its points; its text continues below its text.
    words = text.split("  ", 1)
    hang = margin + len(words[0]) + 2 if len(words) > 1 else margin
    return textwrap.fill(line, width, subsequent_indent=" " * hang, break_long_words=False)
