"""What the chooser's tests share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trivium import rendering


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """Record the answers that a service would be rendered with, instead of rendering it."""
    calls: list[Mapping[str, Any]] = []

    def record(_destination: Path, data: Mapping[str, Any]) -> list[str]:
        calls.append(data)
        return []

    monkeypatch.setattr(rendering, "render", record)
    return calls
