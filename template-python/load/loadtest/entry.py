"""A value of slo.yaml that knows where it stands: what is wrong with it is said in one sentence."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import yaml


class BadSloError(Exception):
    """slo.yaml does not say what the load test needs; the message is a sentence for whoever wrote it."""


def parsed(file: Path) -> "Entry":
    """Return the whole of a file. Raises BadSloError."""
    try:
        return Entry("", yaml.safe_load(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadSloError(f"{file.name} is missing; it belongs into {file.parent}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSloError(f"{file.name} cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadSloError(f"{file.name} is not YAML{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise BadSloError(f"{file.name} is not YAML: {' '.join(str(error).split())}") from None


class Entry:
    """A value and its place, such as `load.profiles.smoke[0].seconds`."""

    def __init__(self, place: str, value: object) -> None:
        """Take what the file has there."""
        self._place = place
        self._value: object = value

    def __getitem__(self, name: str) -> "Entry":
        """Return a member of a map. Raises BadSloError."""
        for own, entry in self.members():
            if own == name:
                return entry
        raise BadSloError(f"slo.yaml: {self._of(name)} is missing")

    def members(self) -> Sequence[tuple[str, "Entry"]]:
        """Return what a map has. Raises BadSloError."""
        members = cast("dict[object, object]", self._value if isinstance(self._value, dict) else {})
        if not members:
            raise self._wrong("a map with entries")
        return [(str(name), Entry(self._of(str(name)), value)) for name, value in members.items()]

    def items(self, named_by: str | None = None) -> Sequence["Entry"]:
        """Return what a list has; `named_by` is the member whose value says which item it is. Raises BadSloError."""
        values = cast("list[object]", self._value if isinstance(self._value, list) else [])
        if not values:
            raise self._wrong("a list with items")
        items = [Entry(f"{self._place}[{number}]", value) for number, value in enumerate(values)]
        if named_by:
            return [Entry(self._of(item[named_by].text()), value) for item, value in zip(items, values, strict=True)]
        return items

    def text(self) -> str:
        """Return a text. Raises BadSloError."""
        if not isinstance(self._value, str) or not self._value:
            raise self._wrong("a text")
        return self._value

    def number(self, *, or_zero: bool = False) -> float:
        """Return a number above 0, or 0 where it may be. Raises BadSloError."""
        value = self._value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise self._wrong("a positive number")
        if not value and not or_zero:
            raise self._wrong("a positive number")
        return value

    def share(self) -> float:
        """Return a share of a whole. Raises BadSloError."""
        value = self._value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise self._wrong("a number between 0 and 1")
        return value

    def _of(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def _wrong(self, wanted: str) -> BadSloError:
        return BadSloError(f"slo.yaml: {self._place or 'the whole'} must be {wanted}, not {str(self._value)[:80]!r}")
