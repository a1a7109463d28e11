"""The commands that are printed can be run as they stand, also where `trivium` is not on the path."""

import shutil
import sys

import pytest

from project import BIN
from trivium import program


def test_it_is_called_by_its_place_where_it_is_not_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(BIN / "trivium"), "new"])
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert program.called() == str(BIN / "trivium")
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/trivium")
    assert program.called() == "trivium"
