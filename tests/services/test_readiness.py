"""The readiness suite passes on the rendered service, with the samples and without them."""

import json
import subprocess
from pathlib import Path

import pytest

from project import BIN, Render
from services.page import add_an_operation
from services.running import VARIANTS, clean_environment, make

# One process has the file of an SQLite database: there are no sessions, no server to stop, no others to collide with.
NOT_APPLICABLE_TO_SQLITE = {"F5", "F6", "F7", "F9"}
# What an empty service has not got: a request that takes long or takes a body, a dependency, a quota, a secret.
NOT_APPLICABLE_WITHOUT_SAMPLES = {
    *("A1", "A2", "A4", "A5", "A8", "B1", "B2", "B3", "B4", "B5", "C1", "C2", "C3", "C5", "C6", "C7", "C8"),
    *("D2", "D3", "D4", "E2", "E3", "E4", "E5", "E6", "F3", "F4", "F8", "G2", "G5", "H2", "H3"),
    *NOT_APPLICABLE_TO_SQLITE,
}


def verdicts(folder: Path, only: str = "") -> dict[str, str]:
    """Run the suite, or some sections of it; return the outcome of each check, with what was seen where it failed."""
    whole = ["make", "--no-print-directory", "-s", "verify", f"TRIVIUM={BIN / 'trivium'}"]
    done = subprocess.run(
        [str(BIN / "trivium"), "verify", "--only", only] if only else whole,
        cwd=folder,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=900,
    )
    print(done.stdout)
    found = {}
    for line in done.stdout.splitlines():
        mark, _, rest = line.partition("  ")
        if mark in ("pass", "FAIL", "n/a"):
            found[rest.split()[0]] = mark
    assert (done.returncode == 0) == ("FAIL" not in found.values())
    return found


def test_every_check_passes(folder: Path) -> None:
    found = verdicts(folder)
    assert {id_ for id_, mark in found.items() if mark == "n/a"} == NOT_APPLICABLE_TO_SQLITE
    assert "FAIL" not in found.values(), found


@pytest.mark.xdist_group(VARIANTS)
def test_without_samples_every_check_that_applies_passes(
    language: str, render: Render, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The empty service passes the suite; then its page on adding an operation is followed to the letter."""
    empty = render(tmp_path_factory.mktemp("empty") / "orders", language, "--set", "example=none")
    done = make(empty, "setup")
    assert done.returncode == 0, done.stdout[-4000:]
    found = verdicts(empty)  # D1 among them: its linters
    assert {id_ for id_, mark in found.items() if mark == "n/a"} == NOT_APPLICABLE_WITHOUT_SAMPLES
    assert "FAIL" not in found.values()
    add_an_operation(empty)


def test_the_scorecard_as_json(folder: Path) -> None:
    command = [str(BIN / "trivium"), "verify", str(folder), "--only", "H4", "--json"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True, timeout=300)
    card = json.loads(done.stdout)
    assert (card["passed"], card["failed"], [row["id"] for row in card["checks"]]) == (1, 0, ["H4"])
