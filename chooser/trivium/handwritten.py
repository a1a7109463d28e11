"""YAML that people write, read with care: answers and the like become plain values or one sentence, never a traceback.

It is read event by event instead of by a YAML loader, which recurses (deep nesting crashes the interpreter), lets the
last of two equal keys win, and constructs dates and objects nobody asked for. Anchors, aliases and tags are refused.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from .errors import UserError

LARGEST = 1_000_000  # bytes
DEEPEST = 20  # levels
STANDARD_INPUT = Path("-")
LONGEST_QUOTE = 60  # characters
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}\.[0-9]{0,18})([eE][-+]?[0-9]{1,2})?")


def shown(value: object) -> str:
    """Return a value as a sentence may quote it: on one line, and not too long."""
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def read(path: Path, kind: str) -> dict[str, Any]:
    """Read a mapping from a file, or from standard input where the path is `-`. Raises UserError."""
    if path == STANDARD_INPUT:
        return mapping(_standard_input(kind), f"The {kind} on standard input")
    name = f"The {kind} {path}"
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}.") from error
    return mapping(content, name)


def mapping(content: bytes, name: str) -> dict[str, Any]:
    """Parse a mapping; nothing at all is an empty one. Raises UserError that begins with `name`."""
    if len(content) > LARGEST:
        raise UserError(f"{name} is larger than {LARGEST // 1_000_000} MB; a few lines are enough.")
    try:
        documents = list(_documents(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8 text ({_place_of_byte(content, error.start)}).") from error
    except yaml.reader.ReaderError as error:
        raise UserError(f"{name} is not text ({_place_of_byte(content, error.position)}): {error.reason}.") from error
    except yaml.MarkedYAMLError as error:
        raise UserError(f"{name} is not valid YAML ({_place(error.problem_mark)}): {error.problem}.") from error
    except _NotPlainError as error:
        raise UserError(f"{name} is not valid YAML ({_place(error.mark)}): {error}.") from error
    content_read = documents[0] if documents else None
    if content_read is None:
        return {}
    if not isinstance(content_read, dict):
        raise UserError(f"{name} must be a mapping such as `workload: payments`, one answer a line.")
    return content_read


def _standard_input(kind: str) -> bytes:
    try:
        content = sys.stdin.buffer.read(LARGEST + 1) if sys.stdin else b""
    except OSError as error:
        raise UserError(f"Standard input cannot be read: {error.strerror}.") from error
    if not content.strip():  # a failed command before the pipe, more likely than the wish to answer nothing
        raise UserError(f"Standard input was closed before the {kind} began (line 1, column 1).")
    return content


class _Mark(Protocol):
    """Where something begins; libyaml's and PyYAML's own are of different types."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class _NotPlainError(Exception):
    """YAML that is correct, and more than plain data."""

    def __init__(self, problem: str, mark: _Mark) -> None:
        super().__init__(problem)
        self.mark = mark


@dataclass
class _Mapping:
    """A mapping that has begun and not ended yet."""

    mark: _Mark
    value: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    key: str | None = None

    def put(self, value: Any, mark: _Mark) -> None:
        """Take a key, or the value of the key before."""
        if self.key is not None:
            self.value[self.key], self.key = value, None
        elif not isinstance(value, str):
            raise _NotPlainError("a key must be a word", mark)
        elif value in self.lines:
            raise _NotPlainError(f"{shown(value)} was given before, in line {self.lines[value]}", mark)
        else:
            self.key = value
            self.lines[value] = mark.line + 1


@dataclass
class _List:
    """A list that has begun and not ended yet."""

    mark: _Mark
    value: list[Any] = field(default_factory=list)

    def put(self, value: Any, _mark: _Mark) -> None:
        """Take the next item."""
        self.value.append(value)


def _documents(text: str) -> list[Any]:
    """Return the documents, of which there may be one. Raises yaml.YAMLError and _NotPlainError."""
    documents: list[Any] = []
    open_ones: list[_Mapping | _List] = []
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        mark: _Mark = event.start_mark
        _check_plain(event, mark)
        if isinstance(event, yaml.DocumentStartEvent) and documents:
            raise _NotPlainError("a second document begins", mark)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(open_ones) == DEEPEST:
                raise _NotPlainError(f"nested deeper than {DEEPEST} levels", mark)
            open_ones.append(_Mapping(mark) if isinstance(event, yaml.MappingStartEvent) else _List(mark))
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            ended = open_ones.pop()
            value, mark = ended.value, ended.mark
        elif isinstance(event, yaml.ScalarEvent):
            value = _word(event, open_ones[-1] if open_ones else None)
        else:
            continue
        if open_ones:
            open_ones[-1].put(value, mark)
        else:
            documents.append(value)
    return documents
