"""What whole runs of the benchmarks found, one file a command in bench/summary: figures, machine, date."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "summary"


def write(name: str, machine: str, figures: Mapping[str, Mapping[str, float]]) -> Path:
    """Keep figures, by name and by language, of `make NAME`; return the file."""
    rounded = {key: {who: float(f"{value:.4g}") for who, value in each.items()} for key, each in figures.items()}
    found = {"command": f"make {name}", "date": datetime.now(UTC).date().isoformat(), "machine": machine}
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.yml"
    text = yaml.safe_dump(found | {"figures": rounded}, sort_keys=False, allow_unicode=True, width=120)
    path.write_text(f"# Written by `make {name}`.\n{text}", encoding="utf-8")
    return path


def recorded(name: str) -> dict[str, dict[str, float]]:
    """Return the figures of the last whole run of `make NAME`; none without one."""
    path = FOLDER / f"{name}.yml"
    if not path.is_file():
        return {}
    figures: dict[str, dict[str, float]] = yaml.safe_load(path.read_text(encoding="utf-8"))["figures"]
    return figures


def read() -> list[dict[str, Any]]:
    """Return all of them."""
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))]
