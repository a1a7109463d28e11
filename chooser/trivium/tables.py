"""Reading the project's own YAML, by libyaml, which PyYAML's wheels bring along (what users write: handwritten.py)."""

from pathlib import Path
from typing import Any

from . import compiled


def read(path: Path) -> Any:
    """Return what a file of the project itself holds."""
    return compiled.made_from(path, _parse)


def _parse(content: bytes) -> Any:
    import yaml  # only where it was not parsed before

    return yaml.load(content, Loader=yaml.CSafeLoader)
