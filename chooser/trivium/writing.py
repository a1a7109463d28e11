"""Writing a file whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from .errors import UserError


def whole(path: Path, text: str) -> None:
    """Write a file; a pipe or a device is written to as it is. Raises UserError where that cannot be done."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        _replace(path.resolve(), text)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
