"""Writes the criteria's questions into copier.yml, so that both front ends ask in the same words: `make questions`."""

import sys
from collections.abc import Mapping
from pathlib import Path

from . import model

BEGIN = "# ── 1. Workload and constraints (written from chooser/criteria.yml by `make questions`)"
END = "# ── 2. The language"
UNANSWERED = "I don't know"
NOTHING_LEFT = (
    "{% from 'chooser/advice.jinja' import nothing_left with context %}{{ nothing_left(approved_languages) }}"
)


def section() -> str:
    """Return copier.yml's section 1: one optional question for each criterion, in YAML."""
    chooser = model.load()
    questions = "".join(_question(criterion) for criterion in chooser.criteria.values())
    return f"{BEGIN.ljust(120, '─')}\n{questions}{_must_have(chooser)}{_approved(chooser)}\n"


def write(path: Path) -> None:
    """Replace section 1 of a copier.yml."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{section()}{END}{after}", encoding="utf-8")


def _question(criterion: model.Criterion) -> str:
    labels = {UNANSWERED: '""'} | {answer.label: name for name, answer in criterion.answers.items()}
    return _entry(criterion.id, f"{criterion.question} {criterion.why}", labels, '  default: ""\n')


def _must_have(chooser: model.Model) -> str:
    labels = {need.label: name for name, need in chooser.must_have.items()}
    help_ = f"{chooser.must_have_question} {chooser.must_have_why}"
    return _entry("must_have", help_, labels, "  default: []\n", multiselect=True)


def _approved(chooser: model.Model) -> str:
    labels = {label: name for name, label in chooser.languages.items()}
    help_ = f"{chooser.approved_question} {chooser.approved_why}"
    rest = f"  default: [{', '.join(chooser.languages)}]\n  validator: {_quoted(NOTHING_LEFT)}\n"
    return _entry("approved_languages", help_, labels, rest, multiselect=True)


def _entry(key: str, help_: str, choices: Mapping[str, str], rest: str, *, multiselect: bool = False) -> str:
    """Return one question of copier.yml; `rest` are its lines after the choices."""
    several = "  multiselect: true\n" if multiselect else ""
    lines = "".join(f"    {_quoted(label)}: {value}\n" for label, value in choices.items())
    return f"{key}:\n  type: str\n{several}  help: {_quoted(help_)}\n  choices:\n{lines}{rest}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    write(Path(sys.argv[1]))
