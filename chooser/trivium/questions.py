"""Writes the criteria's questions into copier.yml, so that both front ends ask in the same words: `make questions`."""

import sys
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
    choices = "".join(f"    {_quoted(answer.label)}: {name}\n" for name, answer in criterion.answers.items())
    return (
        f"{criterion.id}:\n"
        f"  type: str\n"
        f"  help: {_quoted(f'{criterion.question} {criterion.why}')}\n"
        f"  choices:\n"
        f'    {_quoted(UNANSWERED)}: ""\n'
        f"{choices}"
        f'  default: ""\n'
    )


def _must_have(chooser: model.Model) -> str:
    choices = "".join(f"    {_quoted(need.label)}: {name}\n" for name, need in chooser.must_have.items())
    return (
        f"must_have:\n"
        f"  type: str\n"
        f"  multiselect: true\n"
        f"  help: {_quoted(f'{chooser.must_have_question} {chooser.must_have_why}')}\n"
        f"  choices:\n"
        f"{choices}"
        f"  default: []\n"
    )


def _approved(chooser: model.Model) -> str:
    choices = "".join(f"    {_quoted(label)}: {name}\n" for name, label in chooser.languages.items())
    return (
        f"approved_languages:\n"
        f"  type: str\n"
        f"  multiselect: true\n"
        f"  help: {_quoted(f'{chooser.approved_question} {chooser.approved_why}')}\n"
        f"  choices:\n"
        f"{choices}"
        f"  default: [{', '.join(chooser.languages)}]\n"
        f"  validator: {_quoted(NOTHING_LEFT)}\n"
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    write(Path(sys.argv[1]))
