"""A breaking change of the contract fails against the last tag; what only adds passes. The same in every language."""

import subprocess
from pathlib import Path

import pytest

from project import Render
from services.running import clean_environment, make

CHANGES = {
    "an operation is gone": ("  /v1/quotes:\n", "  /v1/offers:\n", False),
    "a limit is tighter": ("maxLength: 64", "maxLength: 63", False),
    "a member more is required": (
        "required: [status]\n      properties:\n",
        "required: [status, reason]\n      properties:\n        reason: { type: string }\n",
        False,
    ),
    "a description is better": ("summary: Read an order", "summary: Read one order", True),
    "an optional parameter is new": (
        "      parameters:\n        - name: Prefer\n",
        "      parameters:\n        - {name: X-Note, in: header, schema: {type: string}}\n        - name: Prefer\n",
        True,
    ),
}


@pytest.fixture
def rendered(render: Render, tmp_path: Path) -> Path:
    """Render a service; it need not be set up."""
    return render(tmp_path / "orders", "go")


@pytest.fixture
def released(rendered: Path) -> Path:
    """Make it a repository with a release tagged."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "one"], ["tag", "v1.0.0"]):
        subprocess.run(["git", *words], cwd=rendered, env=clean_environment(), check=True)
    return rendered


@pytest.mark.parametrize(("was", "becomes", "passes"), CHANGES.values(), ids=CHANGES.keys())
def test_what_callers_rely_on_may_not_go(released: Path, was: str, becomes: str, *, passes: bool) -> None:
    contract = released / "api" / "openapi.yaml"
    text = contract.read_text(encoding="utf-8")
    assert was in text
    contract.write_text(text.replace(was, becomes), encoding="utf-8")
    done = make(released, "contract-diff")
    assert (done.returncode == 0) == passes, done.stdout
    assert "v1.0.0" in done.stdout


def test_before_the_first_release_nothing_is_promised(rendered: Path) -> None:
    done = make(rendered, "contract-diff")
    assert done.returncode == 0, done.stdout
    assert "no release is tagged yet" in done.stdout
