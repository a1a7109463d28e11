"""`trivium slo`: what it writes, and what it says of a slo.yaml that is none."""

from pathlib import Path

import pytest
import yaml

from trivium import cli, revisit

SLO = """\
window_days: 30
objectives:
  - {name: read-contract, method: GET, route: /openapi.json, p99_ms: 250, availability: 0.99}
load:
  warm_up_seconds: 1
  least_achieved: 0.9
  profiles:
    smoke: [{seconds: 5, requests_per_second: 10}]
"""


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Make what the command reads of a rendered service."""
    record = {"_commit": "abc", "language": "python", "service_name": "orders", "database": "none", "example": "none"}
    (tmp_path / revisit.RECORD).write_text(yaml.safe_dump(record), encoding="utf-8")
    (tmp_path / "slo.yaml").write_text(SLO, encoding="utf-8")
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], folder: Path) -> str:
    """Return the one sentence on stderr; nothing was written."""
    before = sorted(folder.rglob("*"))
    assert cli.main(["slo", str(folder)]) == cli.BAD_INPUT
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert sorted(folder.rglob("*")) == before
    return err


def test_it_writes_what_is_out_of_date_and_says_so(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["slo", str(service), "--check"]) == 1
    assert capsys.readouterr().out.count("trivium slo") == 2
    assert cli.main(["slo", str(service)]) == 0
    assert capsys.readouterr().out.count("wrote") == 2
    assert cli.main(["slo", str(service), "--check"]) == 0
    assert 'le="0.25"' in (service / "deploy/prometheus/rules.yml").read_text(encoding="utf-8")

    (service / "slo.yaml").write_text(SLO.replace("250", "50"), encoding="utf-8")
    assert cli.main(["slo", str(service)]) == 0
    assert capsys.readouterr().out.endswith("rules.yml\n")  # the dashboard shows the same
    assert 'le="0.05"' in (service / "deploy/prometheus/rules.yml").read_text(encoding="utf-8")
    assert sorted(path.name for path in (service / "deploy/prometheus").iterdir()) == ["rules.yml"]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("p99_ms: 250", "p99_ms: 251", "objectives, read-contract, p99_ms"),
        ("0.99}", "99.9}", "objectives, read-contract, availability"),
        ("availability: 0.99", "available: 0.99", "objectives, read-contract"),
        ("/openapi.json", "'/\"}) or up'", "objectives, read-contract, route"),
        ("seconds: 5", "seconds: 0", "load, profiles, smoke, 1, seconds"),
        ("name: read-contract, ", "", "objectives, 1"),
        ("window_days: 30", "window_days: ever", "window_days"),
        ("window_days: 30\n", "", "its top level"),
        ("load:", "load: {", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_named(
    service: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str, said: str
) -> None:
    assert right in SLO
    (service / "slo.yaml").write_text(SLO.replace(right, wrong, 1), encoding="utf-8")
    err = refused(capsys, service)
    assert "slo.yaml" in err
    assert said in err


def test_an_objective_has_a_name_of_its_own(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = SLO.splitlines()[2]
    (service / "slo.yaml").write_text(SLO.replace(line, f"{line}\n{line}"), encoding="utf-8")
    assert "two objectives named read-contract" in refused(capsys, service)


def test_no_objectives_no_service(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (service / "slo.yaml").unlink()
    assert "slo.yaml cannot be read" in refused(capsys, service)
    (service / revisit.RECORD).unlink()
    assert f"has no {revisit.RECORD}" in refused(capsys, service)
