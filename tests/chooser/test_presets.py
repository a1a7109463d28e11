"""Presets only set answers; what each leads to is as sane as its name."""

import json
from collections.abc import Mapping
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from project import BIN
from trivium import answers, cli, model, presets
from trivium.recommendation import recommend

LEADS_TO = {
    "crud-api": {"python"},
    "hackathon": {"python"},
    "payments": {"go", "java"},
    "streaming": {"go", "java"},
    "ml-inference": {"python"},
    "automation-job": {"python"},
    "devops-tool": {"go"},
    "enterprise": {"java"},
}


def test_these_are_the_presets() -> None:
    assert list(presets.load()) == list(LEADS_TO)


@pytest.mark.parametrize("name", LEADS_TO)
def test_a_preset_only_sets_answers_and_they_are_valid(name: str) -> None:
    given = presets.answers(name)
    assert answers.check(given) == given
    assert set(given) <= set(model.load().criteria)
    assert answers.LANGUAGE not in given


@pytest.mark.parametrize("name", LEADS_TO)
def test_a_preset_leads_where_its_name_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recommend", "--preset", name, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["recommended"] in LEADS_TO[name]
    assert not result["none_fits"]
    if result["close_call"]:
        assert result["runner_up"]


def test_they_are_listed_with_what_they_lead_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["presets"]) == 0
    listed = dict(zip(LEADS_TO, capsys.readouterr().out.split("\n\n"), strict=True))
    for name, paragraph in listed.items():
        assert paragraph.startswith(f"{name}  {presets.load()[name].description[:20]}")
        best = model.load().languages[recommend(presets.answers(name)).recommended]
        assert f"leads to  {best}" in paragraph


@pytest.mark.parametrize(("name", "hint"), [("crud_api", "Did you mean crud-api?"), ("xyz", "Known are crud-api, ")])
def test_an_unknown_preset_is_one_sentence(name: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recommend", "--preset", name]) == 2
    message = capsys.readouterr().err
    assert name in message
    assert hint in message
    assert message.count("\n") == 1


def test_a_file_overrules_a_preset_and_a_setting_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answers.yml"
    file.write_text("traffic: high\nteam_size: medium\n", encoding="utf-8")

    def counted(*arguments: str) -> dict[str, str]:
        assert cli.main(["recommend", "--json", "--preset", "crud-api", *arguments]) == 0
        ranking = json.loads(capsys.readouterr().out)["ranking"]
        return {reason["criterion"]: reason["answer"] for rank in ranking for reason in rank["reasons"]}

    assert counted()["team_size"] == "small"
    assert counted("--answers", str(file))["traffic"] == "high"
    assert counted("--set", "traffic=very_high", "--answers", str(file))["traffic"] == "very_high"
    assert "team_size" not in counted("--set", "team_size=")


def test_a_service_is_rendered_from_a_preset(tmp_path: Path, written: list[Mapping[str, Any]]) -> None:
    assert cli.main(["new", str(tmp_path / "ledger"), "--yes", "--preset", "payments"]) == 0
    assert dict(written[0]).items() >= presets.answers("payments").items()
    assert written[0]["language"] in LEADS_TO["payments"]


def test_output_that_nobody_reads_is_no_traceback() -> None:
    command = '{ "$0" presets; echo $? >&2; } | true'
    done = run(["sh", "-c", command, BIN / "trivium"], check=False, capture_output=True, text=True, timeout=60)
    assert done.stderr in ("141\n", "0\n")
