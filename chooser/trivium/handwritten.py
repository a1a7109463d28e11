"""YAML that people write, read with care: answers and the like become plain values or one sentence, never a traceback.

A YAML loader would recurse (deep nesting crashes the interpreter), let the last of two equal keys win, and construct
dates and objects nobody asked for. So what is more than plain data is refused first: anchors, aliases, tags.
"""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

from .errors import UserError, shown

LARGEST = 1_000_000  # bytes
DEEPEST = 20  # levels
STANDARD_INPUT = Path("-")
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}\.[0-9]{0,18})([eE][-+]?[0-9]{1,2})?")


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
        value = _parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8 text ({_place_of_byte(content, error.start)}).") from error
    except yaml.reader.ReaderError as error:
        raise UserError(f"{name} is not text ({_place_of_byte(content, error.position)}): {error.reason}.") from error
    except yaml.MarkedYAMLError as error:
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        raise UserError(f"{name} is not valid YAML ({_place(error.problem_mark)}): {problem}.") from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UserError(f"{name} must be a mapping such as `workload: payments`, one answer a line.")
    return value


def _standard_input(kind: str) -> bytes:
    try:
        content = sys.stdin.buffer.read(LARGEST + 1) if sys.stdin else b""
    except OSError as error:
        raise UserError(f"Standard input cannot be read: {error.strerror}.") from error
    if not content.strip():  # a command before the pipe that failed, more likely than the wish to answer nothing
        raise UserError(f"Standard input was closed before the {kind} began (line 1, column 1).")
    return content


def _parse(text: str) -> Any:
    """Return the value of the only document. Raises yaml.YAMLError."""
    _check_plain(text)
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    return _value(node) if node else None


def _check_plain(text: str) -> None:
    """Refuse all that would be more than plain data, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _problem(f"nested deeper than {DEEPEST} levels", event.start_mark)
        if getattr(event, "anchor", None):
            raise _problem("anchors and aliases are not read here", event.start_mark)
        if getattr(event, "tag", None):
            raise _problem("tags are not read here", event.start_mark)


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    quoted = isinstance(node, yaml.ScalarNode) and node.style
    return node.value if quoted else _word(node.value)


def _mapping(node: yaml.MappingNode) -> dict[str, Any]:
    """Return a mapping, whose keys are always text."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _problem("a key must be a word", key.start_mark)
        if key.value in lines:
            raise _problem(f"{shown(key.value)} was given before, in line {lines[key.value]}", key.start_mark)
        lines[key.value] = key.start_mark.line + 1
        values[key.value] = _value(value)
    return values


def _word(text: str) -> Any:
    """Return what a word without quotes means, by YAML's core schema."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    if NUMBER.fullmatch(text):
        return float(text)
    return text


def _problem(problem: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line 1, column 1"


def _place_of_byte(content: bytes, position: int) -> str:
    before = content[:position].decode("utf-8", "replace").split("\n")
    return f"line {len(before)}, column {len(before[-1]) + 1}"
