"""The scorecard as JSON, as JUnit's XML and as text, and the exit code."""

import json
from pathlib import Path
from xml.parsers import expat

from verify.suite import Suite, right

ONLY = ("--only", "C4,H1,H4,C8")
OUTCOMES = {"C4": "fail", "C8": "n/a", "H1": "pass", "H4": "pass"}


def test_the_reports_agree_and_the_exit_code_says_that_a_check_failed(suite: Suite) -> None:
    described = right("C4-uri")
    del described["requests"]["limited"]
    report = suite.folder / "report.xml"
    done = suite.run("--service", suite.describe(described), *ONLY, "--json", "--junit", report)
    assert done.returncode == 1, done.stderr

    counted = json.loads(done.stdout)
    assert {row["id"]: row["outcome"] for row in counted["checks"]} == OUTCOMES
    assert [counted[name] for name in ("service", "passed", "failed", "not_applicable")] == [
        "the right service",
        2,
        1,
        1,
    ]
    assert all(row["seen"] and row["title"] and row["seconds"] >= 0 for row in counted["checks"])

    elements = elements_of(report)
    assert [elements[0][1][name] for name in ("tests", "failures", "skipped")] == ["4", "1", "1"]
    told = [attributes["name"].split()[0] if tag == "testcase" else tag for tag, attributes in elements[1:]]
    assert told == ["C4", "failure", "C8", "skipped", "H1", "H4"]

    assert "2 passed, 1 failed, 1 not applicable" in done.stderr


def elements_of(report: Path) -> list[tuple[str, dict[str, str]]]:
    """Return the elements of an XML file, in its order."""
    found = list[tuple[str, dict[str, str]]]()
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag, attributes))
    with report.open("rb") as file:
        parser.ParseFile(file)
    return found


def test_nothing_failed_is_exit_code_0_and_the_scorecard_is_on_standard_output(suite: Suite) -> None:
    done = suite.run("--service", suite.describe(right()), "--only", "H1,H4")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "pass  H1" in done.stdout
    assert "pass  H4" in done.stdout
    assert done.stdout.endswith("2 passed, 0 failed, 0 not applicable\n")
