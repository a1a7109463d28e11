"""Presets: named sets of answers from chooser/presets.yml, for `--preset NAME` and `trivium presets`."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from . import model, source, tables
from .errors import UserError, shown
from .recommendation import recommend


@dataclass(frozen=True)
class Preset:
    """A kind of service: its answers, and a line that says for whom they are."""

    name: str
    description: str
    answers: Mapping[str, Any]


@cache
def load() -> Mapping[str, Preset]:
    """Read chooser/presets.yml."""
    entries = tables.read(source.root() / "chooser" / "presets.yml")
    return {name: Preset(name, entry["description"], entry["answers"]) for name, entry in entries.items()}


def answers(name: str) -> dict[str, Any]:
    """Return a preset's answers. Raises UserError with the nearest known name."""
    presets = load()
    if name not in presets:
        near = get_close_matches(name, presets, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(presets)}."
        raise UserError(f"There is no preset called {shown(name)}. {hint}")
    return dict(presets[name].answers)


def listing() -> str:
    """Return one paragraph for each preset: what it is for, what it sets, and what that leads to."""
    return "\n\n".join(_paragraph(preset) for preset in load().values())


def _paragraph(preset: Preset) -> str:
    settings = ", ".join(f"{key}: {value}" for key, value in preset.answers.items())
    return f"{preset.name}  {preset.description}.\n  sets  {settings}\n  leads to  {_outcome(preset)}"


def _outcome(preset: Preset) -> str:
    labels = model.load().languages
    result = recommend(preset.answers)
    best = labels[result.recommended]
    if result.close_call and result.runner_up:
        return f"{best}, a close call with {labels[result.runner_up]}"
    return best
