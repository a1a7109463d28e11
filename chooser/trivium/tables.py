"""Reading YAML, by libyaml, which PyYAML's wheels bring along."""

from pathlib import Path
from typing import Any

import yaml


def read(path: Path) -> Any:
    """Parse a file of the project itself."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Any:
    """Parse YAML text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=yaml.CSafeLoader)
