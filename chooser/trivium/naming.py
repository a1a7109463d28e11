"""The questions about names and samples: read from copier.yml, its defaults and rules too, so that both ends agree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from . import source, tables, templating

KEYS = (
    "service_name",
    "service_description",
    "example",
    "database",
    "package_name",
    "module_path",
    "java_package",
)

# What copier knows of the answers before, where a service is rendered for the first time.
NEW: Mapping[str, Any] = {"previous": {}}


@dataclass(frozen=True)
class Name:
    """One name to ask for, with its default for the answers given so far; where there are choices, one of them."""

    key: str
    question: str
    default: str
    choices: Mapping[str, str]  # by label


def names(answers: Mapping[str, Any], folder: str) -> Iterator[Name]:
    """Yield the names that the chosen language needs, in order; answers may grow while this runs.

    `folder` is the name of the folder that is rendered into; it suggests the service's name.
    """
    for key in KEYS:
        entry = _questions()[key]
        if templating.render(entry.get("when", "true"), **answers).lower() == "true":
            context = {**answers, "_folder_name": folder}
            yield Name(key, entry["help"], templating.render(entry["default"], **context), entry.get("choices", {}))


def problem(key: str, value: str) -> str:
    """Return what is wrong with a name in a sentence, or an empty string."""
    entry = _questions()[key]
    choices = entry.get("choices", {}).values()
    if choices and value not in choices:
        return f"{key} may be {', '.join(choices)}; got {value}."
    return templating.render(entry.get("validator", ""), **{key: value}, _external_data=NEW).strip()


@cache
def _questions() -> Mapping[str, Mapping[str, Any]]:
    questions: Mapping[str, Mapping[str, Any]] = tables.read(source.root() / "copier.yml")
    return questions
