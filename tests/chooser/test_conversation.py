"""The conversation, driven through a real terminal."""

from pathlib import Path

import pytest

from terminal import Terminal
from trivium import model

ANSWERED = [f"--set={criterion.id}={next(iter(criterion.answers))}" for criterion in model.load().criteria.values()]


def test_the_whole_conversation(tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", "parcels", cwd=tmp_path)
    for criterion in model.load().criteria.values():
        terminal.wait_for(criterion.question)
        terminal.press("enter")
    terminal.wait_for(model.load().approved_question)
    terminal.press("enter")
    terminal.wait_for("Which language shall it be?")
    assert "Recommended: Python" in terminal.text()
    terminal.press("down", "enter")
    terminal.wait_for("What is the service called?")
    terminal.press("enter")
    terminal.wait_for("What does it do, in one line?")
    terminal.press("enter")
    terminal.wait_for("What is its Go module path?")
    terminal.press("enter")
    assert terminal.wait() == 0
    assert "parcels, a Go service, is in" in terminal.text()
    assert (tmp_path / "parcels" / "docs" / "adr" / "0001-language.md").is_file()


def test_what_was_given_is_not_asked(tmp_path: Path) -> None:
    names = ["--set=service_name=x", "--set=service_description=y", "--set=java_package=a.b"]
    given = [*ANSWERED, "--set=approved_languages=java", *names]
    terminal = Terminal.trivium("new", "x", *given, cwd=tmp_path)
    terminal.wait_for("Which language shall it be?")
    terminal.press("enter")
    assert terminal.wait() == 0
    assert (tmp_path / "x" / "pom.xml").is_file()


@pytest.mark.parametrize(
    ("given", "prompt"),
    [
        ([], "Where shall the service go?"),
        (["here"], "What will this service mostly do?"),
        (["here", *ANSWERED], "Which languages may be used"),
        (["here", *ANSWERED, "--set=approved_languages=go"], "Which language shall it be?"),
        (["here", *ANSWERED, "--set=approved_languages=go", "--language=go"], "What is the service called?"),
    ],
)
def test_ctrl_c_leaves_nothing_behind(given: list[str], prompt: str, tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", *given, cwd=tmp_path)
    terminal.wait_for(prompt)
    terminal.press("ctrl-c")
    assert terminal.wait() == 130
    assert "interrupted; nothing was written" in terminal.text()
    assert not list(tmp_path.iterdir())


def test_a_bad_destination_is_refused_at_the_prompt(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    terminal = Terminal.trivium("new", cwd=tmp_path)
    terminal.wait_for("Where shall the service go?")
    terminal.press("\x15", "full", "enter")
    terminal.wait_for("is not empty")
    terminal.press("ctrl-c")
    assert terminal.wait() == 130


def test_a_bad_name_is_refused_at_the_prompt(tmp_path: Path) -> None:
    given = [*ANSWERED, "--set=approved_languages=go", "--language=go"]
    terminal = Terminal.trivium("new", "here", *given, cwd=tmp_path)
    terminal.wait_for("What is the service called?")
    terminal.press("\x15", "9lives", "enter")
    terminal.wait_for("must be 1 to 40 lower-case letters")
    terminal.press("ctrl-c")
    assert terminal.wait() == 130
    assert not list(tmp_path.iterdir())
