"""`trivium recommend --from DIR`: a rendered service, weighed again."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trivium import cli, revisit
from trivium.recommendation import recommend

RECORD = """\
_commit: abc
_src_path: somewhere
approved_languages: [python, go, java]
compliance: ''
language: python
must_have: []
package_name: orders
service_name: orders
team_size: small
traffic: medium
workload: crud_api
"""


@pytest.fixture
def service(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / revisit.RECORD).write_text(RECORD, encoding="utf-8")
    return folder


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Return what the command prints, unwrapped."""
    assert cli.main(["recommend", *map(str, arguments)]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_nothing_changed(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "--from", service)
    assert "orders is written in Python." in text
    assert "It is well where it is" in text
    assert "Changed since then" not in text
    assert "trivium new" not in text
    assert "As it grows:" in text


def test_a_changed_answer_and_the_road(
    service: Path, capsys: pytest.CaptureFixture[str], written: list[Mapping[str, Any]]
) -> None:
    changed = ("--from", str(service), "--set", "traffic=very_high")
    assert cli.main(["recommend", *changed]) == 0
    text = capsys.readouterr().out
    assert "traffic: medium → very_high" in text
    assert "Now Go is recommended" in text
    command = next(line for line in text.splitlines() if line.startswith("  trivium new "))
    program, *arguments = shlex.split(command)
    assert program == "trivium"
    assert cli.main(arguments) == 0
    assert written[0]["language"] == "go"
    assert written[0]["traffic"] == "very_high"
    assert written[0]["service_name"] == "orders"
    assert arguments[1] == str(service.with_name("orders-go"))


def test_its_language_may_have_been_excluded_since(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "--from", service, "--set", "approved_languages=java")
    assert "approved_languages: python, go, java → java" in text
    assert "Now Java is recommended" in text


def test_an_answer_can_be_taken_back_and_come_from_a_file(
    service: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "today.yml"
    file.write_text("team_size: large\n", encoding="utf-8")
    text = said(capsys, "--from", service, "--answers", file, "--set", "traffic=")
    assert "team_size: small → large" in text
    assert "traffic: medium → not answered" in text


def test_a_close_call_with_its_own_language_says_so(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ("--set", "traffic=high", "--set", "time_to_market=medium")
    changed = {"workload": "crud_api", "team_size": "small", "traffic": "high", "time_to_market": "medium"}
    result = recommend(changed)
    assert (result.recommended, result.runner_up, result.close_call) == ("go", "python", True)
    assert "measure both before you move" in said(capsys, "--from", service, *settings)


def test_json_is_the_same_object(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recommend", "--json", "--from", str(service), "--set", "traffic=high"]) == 0
    own = json.loads(capsys.readouterr().out)
    settings = ["--set", "traffic=high", "--set", "workload=crud_api", "--set", "team_size=small"]
    assert cli.main(["recommend", "--json", *settings]) == 0
    assert own == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("record", "hint"),
    [
        (None, "has no .copier-answers.yml"),
        ("_src_path: elsewhere\n", "names no language"),
        ("language: python\nframework: django\n", "no question called 'framework'"),
        ("language: [", "line 2, column 1"),
    ],
)
def test_another_folder_is_one_sentence(
    record: str | None, hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if record is not None:
        (tmp_path / revisit.RECORD).write_text(record, encoding="utf-8")
    assert cli.main(["recommend", "--from", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    assert hint in message
    assert message.count("\n") == 1
