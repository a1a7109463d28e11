"""Where things are, for all tests."""

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent  # of the project's virtual environment

Render = Callable[..., Path]
