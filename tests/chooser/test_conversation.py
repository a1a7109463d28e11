"""The conversation, driven through a real terminal; its screens are kept in tests/chooser/screens."""

import os
import re
from pathlib import Path

import pytest

from project import ROOT
from terminal import Terminal
from trivium import model

CRITERIA = model.load().criteria
ANSWERED = [f"--set={criterion.id}={next(iter(criterion.answers))}" for criterion in CRITERIA.values()]
OPEN = ("workload", "cpu_heavy", "startup_footprint")
NEUTRAL = [  # answers that count nothing, so that the open criteria decide
    f"--set={criterion.id}={name}"
    for criterion in CRITERIA.values()
    if criterion.id not in OPEN
    for name, answer in criterion.answers.items()
    if not any(answer.points.values())
]
CONSTRAINED = ["--set=must_have=pandas", "--set=approved_languages=python"]
NAMES = {
    "service_name": "x",
    "service_description": "y",
    "example": "full",
    "database": "sqlite",
    "package_name": "x_y",
}
NAMED = [f"--set={key}={value}" for key, value in NAMES.items()]
SCREENS = ROOT / "tests" / "chooser" / "screens"


def check_screen(terminal: Terminal, name: str) -> None:
    """Wait for the kept screen; TRIVIUM_KEEP_SCREENS=1 writes it anew, to be read and committed."""
    path = SCREENS / f"{name}.txt"

    def shown() -> str:
        return re.sub(r"/\S*/", "…/", terminal.text()) + "\n"  # wherever the test's folder is

    if os.environ.get("TRIVIUM_KEEP_SCREENS"):
        terminal.settle()
        path.write_text(shown(), encoding="utf-8")
    kept = path.read_text(encoding="utf-8")
    terminal.wait_until(lambda: shown() == kept, f"the screen is not as in {path.name}")


def test_the_whole_conversation(tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", "parcels", *NEUTRAL, cwd=tmp_path)
    terminal.wait_for(CRITERIA["workload"].question)
    check_screen(terminal, "criterion")
    terminal.press("down", "down")
    terminal.wait_for(CRITERIA["workload"].answers["payments"].text[:40])  # the effect of the answer pointed at
    terminal.press("enter")
    terminal.wait_for(CRITERIA["startup_footprint"].question)
    terminal.press("enter")
    terminal.wait_for("How shall it go on?")
    check_screen(terminal, "settled")
    terminal.press("enter")
    terminal.wait_for(model.load().must_have_question)
    terminal.press("enter")
    terminal.wait_for(model.load().approved_question)
    terminal.press("enter")
    terminal.wait_for("Which language shall it be?")
    check_screen(terminal, "recommendation")
    terminal.press("down", "enter")
    terminal.wait_for("What is the service called?")
    terminal.press("enter")
    terminal.wait_for("What does it do, in one line?")
    terminal.press("enter")
    terminal.wait_for("Shall it come with the sample resources?")
    terminal.press("enter")
    terminal.wait_for("Where shall its data be?")
    terminal.press("enter")
    terminal.wait_for("module path?")
    terminal.press("enter")
    terminal.wait_for("Is this right?")
    check_screen(terminal, "review")
    terminal.press("enter")
    assert terminal.wait() == 0
    assert "service, is in" in terminal.text()
    assert (tmp_path / "parcels" / "docs" / "adr" / "0001-language.md").is_file()


def test_going_back_asks_the_question_before_again(tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", "parcels", cwd=tmp_path)
    terminal.wait_for("(Use arrow keys)")
    first = question(terminal)
    terminal.press("enter")
    terminal.wait_for("« Back to the question before")
    assert question(terminal) != first
    terminal.press("up", "enter")  # from the first choice up to the last one
    terminal.wait_until(lambda: question(terminal) == first)
    terminal.press("ctrl-c")
    assert terminal.wait() == 130


def question(terminal: Terminal) -> str:
    """Return the question that waits for an answer."""
    waiting = re.findall(r"^\? (.*) \(Use arrow keys\)", terminal.text(), re.MULTILINE)
    return waiting[-1] if waiting else ""


def test_what_was_given_is_not_asked_and_can_be_changed_in_the_review(tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", "x", *ANSWERED, *CONSTRAINED, *NAMED, "--language=python", cwd=tmp_path)
    terminal.wait_for("Is this right?")
    terminal.press("down", "enter")
    terminal.wait_for("Which answer?")
    terminal.press("enter")
    terminal.wait_for(CRITERIA["workload"].question + " (Use arrow keys)")
    terminal.press("down", "down", "enter")
    terminal.wait_until(lambda: "workload  Move money" in terminal.text())
    terminal.press("down", "down", "down", "down", "enter")
    terminal.wait_until(lambda: "0001-language.md" in terminal.raw)
    terminal.settle()
    terminal.press("enter")
    assert terminal.wait() == 0
    assert "workload: payments" in (tmp_path / "x" / ".copier-answers.yml").read_text(encoding="utf-8")


def test_stopping_in_the_review_writes_nothing(tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", "x", *ANSWERED, *CONSTRAINED, *NAMED, "--language=python", cwd=tmp_path)
    terminal.wait_for("Is this right?")
    terminal.press("up", "enter")
    assert terminal.wait() == 130
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "prompt"),
    [
        ([], "Where shall the service go?"),
        (["here"], "(Use arrow keys)"),
        (["here", *ANSWERED], "must it have?"),
        (["here", *ANSWERED, *CONSTRAINED[:1]], "Which languages may be used"),
        (["here", *ANSWERED, *CONSTRAINED], "Which language shall it be?"),
        (["here", *ANSWERED, *CONSTRAINED, "--language=python"], "What is the service called?"),
    ],
)
def test_ctrl_c_leaves_nothing_behind(given: list[str], prompt: str, tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", *given, cwd=tmp_path)
    terminal.wait_for(prompt)
    terminal.press("ctrl-c")
    assert terminal.wait() == 130
    assert "interrupted; nothing was written" in terminal.text()
    assert not list(tmp_path.iterdir())


def test_input_closed_in_the_middle_is_one_sentence(tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", cwd=tmp_path)
    terminal.wait_for("Where shall the service go?")
    terminal.press("\x15", "\x04")
    assert terminal.wait() == 2
    assert "the input was closed before the last answer" in terminal.text()


def test_a_terminal_too_small_is_one_sentence(tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", cwd=tmp_path, width=40, height=10)
    assert terminal.wait() == 2
    assert "The terminal is 40 columns by 10 lines" in terminal.text().replace("\n", "")


def test_every_question_fits_into_80_by_24(tmp_path: Path) -> None:
    """The longest one too: everything from the reason down to the last choice is on the screen."""
    terminal = Terminal.trivium("new", "here", *NEUTRAL, cwd=tmp_path, width=80, height=24)
    terminal.wait_for("I don't know")
    assert CRITERIA["workload"].why[:50] in terminal.text()
    assert CRITERIA["workload"].question in terminal.text()
    terminal.press("ctrl-c")
    assert terminal.wait() == 130


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
    terminal = Terminal.trivium("new", "here", *ANSWERED, *CONSTRAINED, "--language=python", cwd=tmp_path)
    terminal.wait_for("What is the service called?")
    terminal.press("\x15", "9lives", "enter")
    terminal.wait_for("must be 1 to 40 lower-case letters")
    terminal.press("ctrl-c")
    assert terminal.wait() == 130
    assert not list(tmp_path.iterdir())


def test_needs_that_leave_no_language_are_refused_at_the_prompt(tmp_path: Path) -> None:
    terminal = Terminal.trivium("new", "here", *ANSWERED, cwd=tmp_path)
    terminal.wait_for("must it have?")
    terminal.press("space", "down", "down", "down", "down", "space", "enter")  # PyTorch and Spring
    terminal.wait_for("No language is left")
    terminal.press("ctrl-c")
    assert terminal.wait() == 130
