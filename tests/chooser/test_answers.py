"""Bad input: one sentence that names the field and what it may be, exit code 2, nothing written."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivium import answers, cli, destination
from trivium.errors import UserError

BAD = {
    "unknown key": (["--set", "traffik=high"], "traffik", "traffic"),
    "unknown value": (["--set", "traffic=huge"], "traffic", "low, medium, high, very_high"),
    "no equals sign": (["--set", "traffic"], "--set", "key=value"),
    "nothing approved": (["--set", "approved_languages="], "approved_languages", "python, go, java"),
    "unknown approved": (["--set", "approved_languages=rust"], "approved_languages", "python, go, java"),
    "language not approved": (["--set", "approved_languages=go", "--language", "java"], "language", "java"),
    "lacks what it must have": (["--set", "must_have=spring", "--language", "go"], "language", "spring"),
    "contradiction": (["--set", "must_have=pytorch,spring"], "must_have: pytorch", "must_have: spring"),
    "nothing approved has it": (["--set", "must_have=spring", "--set", "approved_languages=go"], "approved", "spring"),
    "unknown need": (["--set", "must_have=cobol"], "must_have", "pytorch"),
    "unknown language": (["--language", "rust"], "language", "python"),
    "service name": (["--set", "service_name=9lives"], "service_name", "lower-case"),
    "path in a name": (["--set", "service_name=../../etc"], "service_name", "lower-case"),
    "python keyword": (["--language", "python", "--set", "service_name=class"], "package_name", "class"),
    "python module": (["--language", "python", "--set", "service_name=json"], "package_name", "json"),
    "python library": (["--language", "python", "--set", "service_name=fastapi"], "package_name", "fastapi"),
    "go element": (["--language", "go", "--set", "service_name=internal"], "module_path", "internal"),
    "go path": (["--language", "go", "--set", "module_path=../up"], "module_path", "example.com/orders"),
    "java keyword": (["--language", "java", "--set", "service_name=switch"], "java_package", "switch"),
    "java path": (["--language", "java", "--set", "java_package=com..x"], "java_package", "com.example.orders"),
    "two-line description": (["--set", "service_description=a\nb"], "service_description", "one line"),
    "missing file": (["--answers", "nowhere.yml"], "nowhere.yml", "No such file"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, field, allowed = BAD[case]
    target = tmp_path / "orders"
    assert cli.main(["new", str(target), "--yes", *arguments]) == 2
    message = capsys.readouterr().err
    assert message.startswith("trivium: ")
    assert message.count("\n") == 1
    assert field in message
    assert allowed in message
    assert not list(tmp_path.iterdir())


FILES = {
    "not yaml": (b"traffic: [", r"line \d, column"),
    "not a mapping": (b"- traffic", "mapping"),
    "not text": (b"\xff\xfe\x00", "UTF-8"),
    "wrong type": (b"traffic: 3", "low, medium, high, very_high"),
    "list for one": (b"traffic: [low]", "low, medium, high, very_high"),
    "mapping as key": (b"? {a: 1}\n: b", "not valid YAML"),
    "name is a number": (b"service_name: 3", "service_name"),
    "approved is text": (b"approved_languages: go", "approved_languages"),
}


@pytest.mark.parametrize("case", FILES)
def test_bad_answers_file(case: str, tmp_path: Path) -> None:
    content, hint = FILES[case]
    path = tmp_path / "answers.yml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=hint):
        answers.check(answers.read(path))


def test_an_answers_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot be read: Is a directory"):
        answers.read(tmp_path)


def test_empty_answers_count_as_none(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text("traffic:\nlatency: ''\nworkload: payments\n_commit: abc\n", encoding="utf-8")
    assert answers.check(answers.read(path)) == {"workload": "payments"}


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)))
def test_no_answers_end_in_a_traceback(content: dict[str, object]) -> None:
    with suppress(UserError):
        assert set(answers.check(content)) <= set(content)


class TestDestination:
    """The folder to render into."""

    def test_a_new_folder_and_an_empty_one_are_fine(self, tmp_path: Path) -> None:
        assert destination.check(tmp_path / "new") == tmp_path / "new"
        assert destination.check(tmp_path) == tmp_path

    def test_a_full_folder_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UserError, match="not empty"):
            destination.check(tmp_path)

    def test_a_file_and_a_link_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        for name in ("file", "link"):
            with pytest.raises(UserError, match="not a folder"):
                destination.check(tmp_path / name)

    def test_the_checkout_itself_is_refused(self) -> None:
        with pytest.raises(UserError, match="own checkout"):
            destination.check(Path(__file__).parent / "orders")

    def test_a_folder_that_cannot_be_made_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "file"
        file.touch()
        monkeypatch.chdir(tmp_path)
        assert cli.main(["new", "file/orders", "--yes", "--language", "go"]) == 2
        assert list(tmp_path.iterdir()) == [file]
