"""`trivium reassess`: recorded reports of services under load, held against answers."""

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from trivium import cli, model, revisit
from trivium.errors import UserError
from trivium.reassess import derive, reports, scrape
from trivium.reassess.figures import completed, shown

REPORTS = Path(__file__).parent / "reports"
SLOWEST = 10  # seconds, the last bound of the histograms
MADE_AT = 1795747525  # when python.txt was scraped
BASE = {
    "workload": "crud_api",
    "time_to_market": "medium",
    "codebase_size": "small",
    "type_safety": "medium",
    "latency": "normal",
    "startup_footprint": "high",
    "concurrency": "low",
    "cpu_heavy": "none",
    "traffic": "low",
}


def service(folder: Path, answers: Mapping[str, Any]) -> Path:
    """Make the record of a Python service that was rendered with these answers."""
    folder.mkdir()
    record = {"_commit": "abc", "language": "python", "service_name": "orders", **answers}
    (folder / revisit.RECORD).write_text(yaml.safe_dump(record), encoding="utf-8")
    return folder


@pytest.fixture
def scraped(tmp_path: Path) -> Path:
    """Return the scrape of the Python service, as old as it was when it was made."""
    path = tmp_path / "metrics.txt"
    path.write_bytes((REPORTS / "python.txt").read_bytes())
    os.utime(path, (MADE_AT, MADE_AT))
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Return what the command prints, unwrapped."""
    assert cli.main(["reassess", *map(str, arguments)]) == 0
    return " ".join(capsys.readouterr().out.split())


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Return the one sentence on stderr."""
    assert cli.main(["reassess", *map(str, arguments)]) == cli.BAD_INPUT
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    return err


def test_a_report_that_keeps_the_language(tmp_path: Path, scraped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = BASE | {
        "time_to_market": "critical",
        "startup_footprint": "low",
        "traffic": "medium",
        "latency": "tight_tail",
    }
    text = said(capsys, service(tmp_path / "orders", kept), "--load-report", scraped)
    assert "Measured, 9070 requests in 64 s, on average:" in text
    assert "142 requests/s: traffic is medium, as answered" in text
    assert "1.85 ms of the processor a request: cpu_heavy is none, as answered" in text
    assert "p99 is 64 ms; latency=tight_tail asks for 100 ms at most: it holds" in text
    assert "It is well where it is: Python is recommended now." in text
    assert "trivium new" not in text


def test_a_report_that_flips_it(tmp_path: Path, scraped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, service(tmp_path / "orders", BASE), "--load-report", scraped)
    assert "traffic is medium, answered was low" in text
    assert "traffic: low → medium" in text
    assert "The answers it was rendered with recommend Python today." in text
    assert "Now Go is recommended." in text
    assert "--language go --set traffic=medium" in text


def test_a_report_that_makes_it_close(tmp_path: Path, scraped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = BASE | {"startup_footprint": "medium"}
    arguments = (service(tmp_path / "orders", answers), "--load-report", scraped, "--json")
    result = json.loads(said(capsys, *arguments))
    assert (result["recommendation"]["recommended"], result["recommendation"]["close_call"]) == ("python", True)
    assert {each["criterion"]: each["answer"] for each in result["measured"]} == {
        "traffic": "medium",
        "concurrency": "low",
        "cpu_heavy": "none",
    }
    assert [(each["criterion"], each["kept"]) for each in result["needs"]] == [("latency", True)]


def test_what_is_set_overrules_the_report(tmp_path: Path, scraped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = service(tmp_path / "orders", BASE)
    text = said(capsys, folder, "--load-report", scraped, "--set", "traffic=low")
    assert "It is well where it is" in text


def test_a_need_that_does_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = service(tmp_path / "orders", BASE | {"latency": "tight_tail"})
    text = said(capsys, folder, "--load-report", REPORTS / "locust.json")
    assert "p99 is 840 ms; latency=tight_tail asks for 100 ms at most: IT DOES NOT HOLD" in text


def test_several_reports_and_standard_input(
    tmp_path: Path, scraped: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = service(tmp_path / "orders", BASE)
    monkeypatch.setattr("sys.stdin", io.StringIO((REPORTS / "k6.json").read_text(encoding="utf-8")))
    result = json.loads(said(capsys, folder, "--load-report", scraped, "--load-report", "-", "--json"))
    assert result["figures"]["p99"] == pytest.approx(0.0695, abs=1e-4)  # of k6
    assert result["figures"]["memory"] == pytest.approx(95 * 2**20, rel=0.01)  # of the scrape


def test_figures_of_load_tools() -> None:
    locust, k6 = reports.read(REPORTS / "locust.json"), reports.read(REPORTS / "k6.json")
    assert (locust["requests"], k6["requests"]) == (2866, 6001)
    assert locust["rate"] == pytest.approx(100, rel=0.01)
    assert k6["rate"] == pytest.approx(200, rel=0.01)
    assert k6["concurrency"] == pytest.approx(k6["rate"] * 0.005284, rel=0.01)


@pytest.mark.parametrize(("language", "requests", "megabytes"), [("go", 100, 27), ("java", 241, 306)])
def test_figures_of_a_scrape_in_each_language(language: str, requests: int, megabytes: int) -> None:
    figures = completed(scrape.read((REPORTS / f"{language}.txt").read_text(encoding="utf-8"), 1.8e9))
    assert figures["requests"] == requests
    assert figures["memory"] / 2**20 == pytest.approx(megabytes, rel=0.05)
    assert 0 < figures["mean"] < figures["p99"] < SLOWEST
    assert figures["seconds"] > 0


def test_a_quantile_lies_within_its_bucket() -> None:
    def bucket(le: str, count: float) -> tuple[str, dict[str, str], float]:
        return f"{scrape.DURATION}_bucket", {"le": le}, count

    even = [bucket("0.1", 50), bucket("0.2", 100), bucket("+Inf", 100)]
    assert scrape.quantile(0.5, even) == pytest.approx(0.1)
    assert scrape.quantile(0.75, even) == pytest.approx(0.15)
    assert scrape.quantile(0.25, even) == pytest.approx(0.05)
    two_routes = [*even, bucket("0.1", 100), bucket("0.2", 100), bucket("+Inf", 100)]
    assert scrape.quantile(0.75, two_routes) == pytest.approx(0.1)
    assert scrape.quantile(0.99, [bucket("0.1", 50), bucket("+Inf", 100)]) is None
    assert scrape.quantile(0.99, []) is None


@pytest.mark.parametrize(
    ("rate", "answer"),
    [(0.0, "low"), (19.9, "low"), (20, "medium"), (999, "medium"), (1000, "high"), (10_000, "very_high")],
)
def test_bands(rate: float, answer: str) -> None:
    assert [each.answer for each in derive.answers({"rate": rate})] == [answer]


@pytest.mark.parametrize(
    ("per_request", "share", "answer"),
    [(0.004, 0.9, "none"), (0.005, 0.19, "none"), (0.005, 0.2, "some"), (0.1, 0.6, "dominant")],
)
def test_a_short_request_is_no_computation(per_request: float, share: float, answer: str) -> None:
    figures = {"cpu_per_request": per_request, "cpu_share": share}
    assert [each.answer for each in derive.answers(figures)] == [answer]


def test_the_table_names_what_the_criteria_know() -> None:
    criteria = model.load().criteria
    for criterion, rule in derive.table()["criteria"].items():
        assert [band["answer"] for band in rule["bands"]] == list(criteria[criterion].answers)
        bounds = [band["below"] for band in rule["bands"][:-1]]
        assert bounds == sorted(bounds)
        assert "below" not in rule["bands"][-1]
    for criterion, rule in derive.table()["needs"].items():
        assert set(rule["most"]) < set(criteria[criterion].answers)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("rate", 0.0421, "0.0421 requests/s"),
        ("rate", 12345.6, "12346 requests/s"),
        ("concurrency", 12, "12 requests at a time"),
        ("cpu_share", 0.333, "33% of the time of a request"),
        ("memory", 2**30, "1024 MiB"),
        ("p99", 0.25, "250 ms"),
    ],
)
def test_figures_as_people_read_them(name: str, value: float, words: str) -> None:
    assert shown(name, value) == words


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"", "has no http_server_request_duration_seconds"),
        (b"go_goroutines 7\n", "has no http_server_request_duration_seconds"),
        (b"http_server_request_duration_seconds_count many\n", "has this line: "),
        (b"http_server_request_duration_seconds_count 0\n", "counts no requests"),
        (b"http_server_request_duration_seconds_count 999\n", "count 999 requests; at least 1000 are needed"),
        (b"{", "is broken JSON"),
        (b"{}", "is no JSON summary of k6 or Locust"),
        (b'{"metrics": 1}', "looks like a report of k6, but lacks what one has"),
        (b'{"metrics": {"http_reqs": {}}}', "looks like a report of k6, but lacks what one has"),
        (b'[{"response_times": {}}]', "looks like a report of Locust, but lacks what one has"),
        (b"[1]", "looks like a report of Locust, but lacks what one has"),
    ],
)
def test_bad_reports(content: bytes | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report"
    if content is not None:
        report.write_bytes(content)
    assert sentence in refused(capsys, service(tmp_path / "orders", BASE), "--load-report", report)


def test_other_bad_input(tmp_path: Path, scraped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = service(tmp_path / "orders", BASE)
    assert "has no .copier-answers.yml" in refused(capsys, tmp_path, "--load-report", scraped)
    assert "cannot be read: Is a directory." in refused(capsys, folder, "--load-report", tmp_path)
    assert "--load-report" in refused(capsys, folder)
    assert "traffic may be" in refused(capsys, folder, "--load-report", scraped, "--set", "traffic=huge")


def test_a_huge_file_is_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_BYTES", 10)
    (tmp_path / "log").write_bytes(b"x" * 11)
    with pytest.raises(UserError, match="11 bytes, more than any load report"):
        reports.read(tmp_path / "log")
