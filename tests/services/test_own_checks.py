"""The rendered service's own gates pass: its linters and its tests (its load test: test_load.py)."""

import os
import subprocess
from pathlib import Path

from project import Render
from services.running import make

BASE_SYSTEM = [
    "sh",
    "bash",
    "make",
    "git",
    "awk",
    "basename",
    "cat",
    "cmp",
    "cut",
    "dirname",
    "env",
    "find",
    "grep",
    "head",
    "ls",
    "mkdir",
    "mktemp",
    "readlink",
    "rm",
    "sed",
    "sort",
    "tail",
    "test",
    "touch",
    "tr",
    "uname",
    "xargs",
]
MADE = {".venv", "target", "node_modules"}


def test_its_linters_pass(folder: Path) -> None:
    done = make(folder, "lint")
    assert done.returncode == 0, done.stdout[-4000:]


def test_its_tests_pass(folder: Path) -> None:
    done = make(folder, "test")
    assert done.returncode == 0, done.stdout[-4000:]


def test_formatting_changes_nothing(folder: Path) -> None:
    def sources() -> dict[str, bytes]:
        kinds = {".py", ".go", ".java", ".toml", ".xml", ".yaml", ".yml"}
        found = [path for path in folder.rglob("*") if path.suffix in kinds and not MADE & set(path.parts)]
        return {str(path): path.read_bytes() for path in found}

    before = sources()
    done = make(folder, "format")
    assert done.returncode == 0, done.stdout[-2000:]
    assert sources() == before


def test_a_conflict_marker_fails_the_linters(folder: Path) -> None:
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(text + "<<<<<<< before updating\n", encoding="utf-8")
    try:
        assert make(folder, "lint").returncode != 0
    finally:
        readme.write_text(text, encoding="utf-8")


def test_a_missing_toolchain_is_one_sentence(language: str, render: Render, tmp_path: Path) -> None:
    """With only make and the base system on the path, setup says what is missing and how to get it."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in BASE_SYSTEM:
        (tools / name).symlink_to(
            next(Path(entry) / name for entry in os.environ["PATH"].split(os.pathsep) if (Path(entry) / name).exists())
        )
    folder = render(tmp_path / "orders", language)
    done = subprocess.run(
        ["make", "setup"], cwd=folder, env={"PATH": str(tools), "HOME": str(tmp_path)},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    sentence = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(sentence) == 1, done.stderr
    assert {"python": "uv 0.", "go": "Go 1.2", "java": "JDK 25"}[language] in sentence[0]
