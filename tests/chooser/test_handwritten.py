"""Answers as people and programs get them wrong: a value or one sentence with its place, never a traceback."""

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from project import BIN
from strategies import CHOICES
from trivium import cli, handwritten
from trivium.errors import UserError

REFUSED = {
    "closed in the middle": (b"traffic: [low,", "line 1, column|line 2, column 1"),
    "duplicate key": (b"traffic: low\nlatency: normal\ntraffic: high\n", r"line 3, column 1.*'traffic'.*in line 1"),
    "duplicate key deeper down": (b"a:\n  b: 1\n  b: 2\n", r"line 3, column 3.*'b'.*in line 2"),
    "deep lists": (b"traffic: " + b"[" * 100_000, "deeper than 20"),
    "deep mappings": (b"{a: " * 100_000, "deeper than 20"),
    "deep block": (b"- " * 100_000, "deeper than 20"),
    "huge": (b"# " + b"x" * 1_000_000, "larger than 1 MB"),
    "alias": (b"a: &a [x]\nb: [*a, *a]", r"line 1, column 4.*anchors"),
    "tag": (b"a: !!python/object:os.system x", r"line 1, column 4.*tags"),
    "mapping as key": (b"? {a: 1}\n: b", r"line 1, column 3.*a key must be a word"),
    "two documents": (b"a: b\n---\na: c", r"line 2, column 1.*single document"),
    "control character": (b"a: b\nc: \x07", r"line 2, column 4"),
    "not UTF-8": ("é: b\nc: ".encode() + b"\xff", r"not UTF-8 text \(line 2, column 4\)"),
    "tab": (b"a:\n\t- b", r"line 2, column 1"),
    "list": (b"- a", "must be a mapping"),
    "word": (b"a", "must be a mapping"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case: str) -> None:
    content, hint = REFUSED[case]
    with pytest.raises(UserError, match=hint) as refusal:
        handwritten.mapping(content, "The answers file a.yml")
    assert str(refusal.value).startswith("The answers file a.yml ")
    assert len(str(refusal.value)) < 300


def test_values_are_those_of_yamls_core_schema() -> None:
    text = """\
"quoted": "3"
number: 3
negative: -3
share: 0.3
short: .5
flag: true
nothing: ~
empty:
day: 2020-13-45
no: no
long: 99999999999999999999999999
1: one
list: [a, 2, {b: c}]
"""
    assert handwritten.mapping(b"\xef\xbb\xbf" + text.encode(), "it") == {
        "quoted": "3",
        "number": 3,
        "negative": -3,
        "share": 0.3,
        "short": 0.5,
        "flag": True,
        "nothing": None,
        "empty": None,
        "day": "2020-13-45",
        "no": "no",
        "long": "99999999999999999999999999",
        "1": "one",
        "list": ["a", 2, {"b": "c"}],
    }


@pytest.mark.parametrize("content", [b"", b"\n", b"# a remark\n", b"---\n"])
def test_an_empty_file_is_an_empty_mapping(content: bytes) -> None:
    assert handwritten.mapping(content, "it") == {}


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(st.characters(exclude_categories=["C"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc_ é'\"", max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.text("abc_-: #é'\"", max_size=8), plain, max_size=5))
def test_what_a_program_writes_is_read_back(content: dict[str, Any]) -> None:
    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, _data: object) -> bool:
            return True

    text = yaml.dump(content, Dumper=Dumper, allow_unicode=True)
    assert handwritten.mapping(text.encode(), "it") == content


class TestStandardInput:
    """`--answers -`."""

    @staticmethod
    def feed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    def test_it_is_read(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.feed(monkeypatch, b"workload: devops_tool\n")
        assert cli.main(["recommend", "--answers", "-"]) == 0
        assert "workload: devops_tool" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("content", "place"),
        [
            (b"", "line 1, column 1"),
            (b" \n", "line 1, column 1"),
            (b"traffic: low\nlatency: [", "line 3, column 1"),
            (b"traffic: low\ntraffic: low", "line 2, column 1"),
            (b"traffic: 'lo", "line 1, column 13"),
            (b"traffic: \xff", "line 1, column 10"),
        ],
    )
    def test_closed_early_or_malformed_it_says_where(
        self, content: bytes, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.feed(monkeypatch, content)
        assert cli.main(["recommend", "--answers", "-"]) == 2
        message = capsys.readouterr().err
        assert "tandard input" in message
        assert place in message
        assert message.count("\n") == 1

    def test_not_open_at_all(self) -> None:
        command = 'exec "$0" recommend --answers - <&-'
        done = run(["sh", "-c", command, BIN / "trivium"], check=False, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "Standard input" in done.stderr


keys = st.sampled_from(
    [*CHOICES, "must_have", "approved_languages", "language", "service_name", "module_path", "policy", "_x"]
)
values = plain | st.sampled_from(["go", "low", "orders", "spring", ["go"], ["spring", "pytorch"], [["go"]], "{{ 7 }}"])
lines = st.dictionaries(keys, values, max_size=4).map(
    lambda content: yaml.safe_dump(content, allow_unicode=True).encode()
)
damaged = st.tuples(lines, st.integers(0, 200), st.binary(max_size=6)).map(
    lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
)


@given(content=st.binary(max_size=60) | lines | damaged)
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_end_in_a_traceback_and_bad_ones_write_nothing(
    content: bytes, tmp_path: Path, written: list[Mapping[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answers.yml"
    file.write_bytes(content)
    written.clear()
    code = cli.main(["new", str(tmp_path / "orders"), "--yes", "--language", "auto", "--answers", str(file)])
    message = capsys.readouterr().err
    assert code in (0, 2)
    assert len(written) == (1 if code == 0 else 0)
    assert message.count("\n") == (0 if code == 0 else 1)
    assert list(tmp_path.iterdir()) == [file]
