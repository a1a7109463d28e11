"""Whether data fits a JSON Schema, for everything that people write: policies, service files, objectives."""

from collections.abc import Mapping
from typing import Any


def mistake(schema: Mapping[str, Any], value: Any) -> tuple[list[str | int], str] | None:
    """Return where the most telling mistake is, as a path, and what is wrong there; None where the value fits."""
    from jsonschema import Draft202012Validator  # only where something is checked
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(schema).iter_errors(value))
    return None if error is None else (list(error.absolute_path), error.message)


def named(path: list[str | int]) -> str:
    """Return a path in words."""
    return ".".join(map(str, path)) or "its top level"
