"""`trivium recommend --html`: the page says what the terminal says, and needs nothing from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from project import ROOT
from trivium import cli, model, policy, report
from trivium.recommendation import Recommendation, recommend

VOID = {"meta", "link", "br", "hr", "img", "input"}
ELSEWHERE = {"src", "href", "xlink:href", "srcset", "data"}


class Page(HTMLParser):
    """What a browser reads: text, tags, and where each reference leads."""

    def __init__(self, text: str) -> None:
        """Read it. Raises AssertionError where a tag is closed that was not open."""
        super().__init__()
        self.text, self.tags, self.references, self._open = "", set[str](), set[str](), list[str]()
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.add(tag)
        self.references |= {value or "" for name, value in attrs if name in ELSEWHERE}
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it; it is closed already."""
        self.tags.add(tag)
        self.references |= {value or "" for name, value in attrs if name in ELSEWHERE}

    def handle_endtag(self, tag: str) -> None:
        """Hold it to the last that was opened."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        self.text += data


def test_it_says_what_was_weighed_and_what_was_measured() -> None:
    result = recommend({"traffic": "high", "memory": "tight"})
    page = Page(report.page_of(result))
    for reason in result.ranking[0].reasons:
        assert reason.text in page.text
    claims = model.load().raw["evidence"]["claims"]
    assert claims
    assert all(claim["what"] in page.text for claim in claims)
    assert page.text.count("It counts here.") == len([c for c in claims if c["statement"] in quoted(result)])
    assert {"meter", "svg"} <= page.tags


def quoted(result: Recommendation) -> set[str]:
    """Return the statements that the reasons of a recommendation rest on."""
    return {each for reason in result.ranking[0].reasons for each in reason.statements}


def test_it_needs_nothing_from_elsewhere() -> None:
    page = Page(report.page_of(recommend({})))
    assert "script" not in page.tags
    assert all(reference.startswith("#") for reference in page.references)


def test_what_others_wrote_is_text() -> None:
    rules = {"message": "<script>alert(1)</script> & so on", "allowed_languages": {"any": ["go"]}}
    page = Page(report.page_of(recommend(policy.lay_over(policy.check(rules, "here"), {}))))
    assert "script" not in page.tags
    assert "<script>alert(1)</script> & so on" in page.text


def test_the_command_writes_it_beside_what_it_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "why.html"
    assert cli.main(["recommend", "--set", "traffic=high", "--html", str(file)]) == 0
    assert "Recommended: Go" in capsys.readouterr().out
    assert "<h1>Go</h1>" in file.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["why.html"]


def test_a_page_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recommend", "--html", str(tmp_path / "nowhere" / "why.html")]) == cli.BAD_INPUT
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert "why.html cannot be written: No such file or directory" in err
    assert not list(tmp_path.iterdir())


def test_the_chart_is_there() -> None:
    assert (ROOT / report.CHART).is_file()
