"""The page on adding an operation, followed beside the samples; without them it is in every run. Opt-in: it builds."""

import os
from pathlib import Path

import pytest

from project import Render
from services.page import add_an_operation
from services.running import make

pytestmark = pytest.mark.skipif("TRIVIUM_SLOW" not in os.environ, reason="make test-slow ONLY=add_an_operation")


def test_an_operation_is_added_in_five_steps(language: str, render: Render, tmp_path: Path) -> None:
    full = render(tmp_path / "orders", language)
    done = make(full, "setup")
    assert done.returncode == 0, done.stdout[-4000:]
    add_an_operation(full)
