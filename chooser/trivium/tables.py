"""Reading YAML, quickly: with libyaml where PyYAML was built with it."""

from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Any:
    """Parse a file of the project itself."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Any:
    """Parse YAML text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=LOADER)  # always a safe loader
