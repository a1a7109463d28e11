"""Renders and builds one of our own services, as a user would: `trivium new`, `make setup`."""

import shutil
from pathlib import Path

from . import fetch

ROOT = Path(__file__).parents[2]
TRIVIUM = ROOT / ".venv" / "bin" / "trivium"
LANGUAGES = ("python", "go", "java")


def render(language: str, folder: Path) -> None:
    """Render the service with its sample resources and set it up. Raises UnavailableError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    words = ["--yes", "--language", language, "--set", "example=full"]
    fetch.run([TRIVIUM, "new", folder, *words], ROOT)
    fetch.run(["make", "--no-print-directory", "setup"], folder)
