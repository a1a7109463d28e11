"""Reading the project's own YAML, by libyaml, which PyYAML's wheels bring along (what users write: handwritten.py)."""

from pathlib import Path
from typing import Any

import yaml


def read(path: Path) -> Any:
    """Parse a file of the project itself."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
