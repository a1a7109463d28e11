"""What is kept of earlier runs is never stale, never needed, and never in the way."""

import json
import sys
from pathlib import Path

import pytest

from trivium import compiled, source, tables, templating


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr(compiled, "folder", lambda: folder)
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.yml"
    path.write_text("a: 1\n", encoding="utf-8")
    return path


def test_the_second_time_it_is_not_made_again(kept_in: Path, table: Path) -> None:
    assert tables.read(table) == {"a": 1}
    (entry,) = kept_in.iterdir()
    digest, _ = json.loads(entry.read_text(encoding="utf-8"))
    entry.write_text(json.dumps([digest, {"a": "kept"}]), encoding="utf-8")
    assert tables.read(table) == {"a": "kept"}


def test_a_changed_file_is_made_again(kept_in: Path, table: Path) -> None:
    assert tables.read(table) == {"a": 1}
    table.write_text("a: 2\n", encoding="utf-8")
    assert tables.read(table) == {"a": 2}
    assert len(list(kept_in.iterdir())) == 1


@pytest.mark.parametrize("damage", ["", "[", "[]", "{}", "null", "\x00", '["x"]'])
def test_what_is_damaged_is_made_again(damage: str, kept_in: Path, table: Path) -> None:
    assert tables.read(table) == {"a": 1}
    (entry,) = kept_in.iterdir()
    entry.write_text(damage, encoding="utf-8")
    assert tables.read(table) == {"a": 1}
    assert json.loads(entry.read_text(encoding="utf-8"))[1] == {"a": 1}


def test_where_nothing_can_be_kept_it_works_too(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "folder", lambda: tmp_path / "missing")
    assert tables.read(table) == {"a": 1}
    monkeypatch.setattr(compiled, "folder", lambda: None)
    assert tables.read(table) == {"a": 1}
    assert list(tmp_path.iterdir()) == [table]


def test_the_evaluator_is_compiled_once_and_survives_a_missing_folder(kept_in: Path) -> None:
    templating.environment.cache_clear()
    try:
        templating.environment().get_template("chooser/evaluate.jinja")
        assert [entry.suffix for entry in kept_in.iterdir()] == [".jinja"]
        for entry in kept_in.iterdir():
            entry.unlink()
        kept_in.rmdir()
        templating.environment.cache_clear()
        templating.environment().get_template("chooser/evaluate.jinja")
    finally:
        templating.environment.cache_clear()


def test_nothing_is_kept_where_python_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert compiled.folder() is None


@pytest.mark.parametrize("name", ["copier.yml", "chooser/criteria.yml", "chooser/presets.yml"])
def test_the_projects_tables_are_data_that_json_keeps(name: str) -> None:
    value = tables.read(source.root() / name)
    assert json.loads(json.dumps(value)) == value
