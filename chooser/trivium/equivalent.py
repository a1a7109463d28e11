"""The commands that would render the same service again, without questions."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import naming, program, source
from .answers import LANGUAGE, LISTS
from .policy import POLICY


def by_trivium(answers: Mapping[str, Any], target: Path) -> str:
    """Return the command for the chooser."""
    words = [program.called(), "new", str(target), "--yes", "--language", answers[LANGUAGE]]
    for key, value in _given(answers, target).items():
        if key == POLICY:
            continue  # it comes from where it came from; see --policy
        words += ["--set", f"{key}={','.join(value) if key in LISTS else value}"]
    return shlex.join(words)


def by_copier(answers: Mapping[str, Any], target: Path) -> str:
    """Return the command for plain Copier."""
    words = ["copier", "copy", "--defaults", "--vcs-ref", "HEAD", "--data", f"language={answers[LANGUAGE]}"]
    for key, value in _given(answers, target).items():
        words += ["--data", f"{key}={json.dumps(value) if key in (POLICY, *LISTS) else value}"]
    return shlex.join([*words, str(source.root()), str(target)])


def _given(answers: Mapping[str, Any], target: Path) -> dict[str, Any]:
    """Return the answers that differ from the defaults."""
    defaults = {name.key: name.default for name in naming.names(dict(answers), target.name)}
    return {
        key: value
        for key, value in answers.items()
        if key != LANGUAGE and value and defaults.get(key) != value and not (key in naming.KEYS and key not in defaults)
    }
