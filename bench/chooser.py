"""How fast the chooser is, side by side in one run: `make bench-chooser`.

The two sides of a line run in turns, so that a busy machine slows both; the median over the turns counts. What is
shown on a terminal is compared with what runs in one. The figures belong to the machine and the moment, so they are
printed and stand nowhere else.
"""

import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pexpect

from project import BIN
from trivium import agenda, equivalent, model, presets

PYTHON = sys.executable
ENVIRONMENT = {key: os.environ[key] for key in ("PATH", "HOME")}  # Python keeps its bytecode, as it does by default
ROUNDS = 9
SIZE = (40, 100)  # lines, columns
NEW = (str(BIN / "trivium"), "new")
QUICK_ROUNDS = 21  # of what takes a fraction of a second


def main() -> None:
    """Measure and print every line."""
    print(f"{'what':62} {'measured':>9} {'target':>8}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        report("first prompt of trivium new / python -c 'import questionary'", first_prompt(folder), 1.5)
        report("first question of trivium new DEST / the same", first_question(folder), 1.5)
        for language in model.load().languages:
            report(f"trivium new --language {language} / copier copy", rendering(folder, language), 1.15)
    report("trivium recommend --json - python -c pass, seconds", recommending([]), 0.3)
    slowest = max(recommending(["--preset", name]) for name in presets.load())
    report("the slowest preset, likewise", slowest, 0.3)


def report(what: str, measured: float, target: float) -> None:
    """Print one line."""
    print(f"{what:62} {measured:9.2f} {'≤':>3} {target:g}{'' if measured <= target else '  MISSED'}", flush=True)


def first_prompt(folder: Path) -> float:
    """Return how long `trivium new` takes to ask where the service shall go, as a multiple."""
    return ratio(
        lambda: until(folder, [*NEW], "Where shall the service go?"), lambda: import_questionary(folder), QUICK_ROUNDS
    )


def first_question(folder: Path) -> float:
    """Return how long `trivium new DEST` takes to ask the first question of the conversation, as a multiple."""
    question = agenda.left([])[0].question
    return ratio(lambda: until(folder, [*NEW, "orders"], question), lambda: import_questionary(folder), QUICK_ROUNDS)


def rendering(folder: Path, language: str) -> float:
    """Return how long a non-interactive `trivium new` takes, as a multiple of plain Copier with the same answers."""
    target = folder / "orders"
    answers = presets.answers("crud-api") | {"language": language, "service_name": "orders"}
    ours = shlex.split(equivalent.by_trivium(answers, target))
    theirs = shlex.split(equivalent.by_copier(answers, target))

    def render(words: list[str]) -> float:
        seconds = finish([str(BIN / words[0]), *words[1:]])
        shutil.rmtree(target)
        return seconds

    return ratio(lambda: render(ours), lambda: render(theirs), ROUNDS)


def recommending(arguments: list[str]) -> float:
    """Return the seconds that `trivium recommend --json` takes beyond a bare interpreter."""
    command = [str(BIN / "trivium"), "recommend", "--json", *arguments]
    turns = in_turns(lambda: finish(command), lambda: finish([PYTHON, "-c", "pass"]), QUICK_ROUNDS)
    return statistics.median(ours - bare for ours, bare in turns)


def import_questionary(folder: Path) -> float:
    """Do what the first prompt cannot do without; return the seconds until it has ended."""
    return until(folder, [PYTHON, "-c", "import questionary"], pexpect.EOF)


def until(folder: Path, command: list[str], awaited: str | type[pexpect.EOF]) -> float:
    """Start a program in a terminal; return the seconds until it has printed a text, or has ended."""
    begun = time.perf_counter()
    program = pexpect.spawn(command[0], command[1:], cwd=folder, env=ENVIRONMENT, dimensions=SIZE, encoding="utf-8")
    program.expect_exact([awaited])
    seconds = time.perf_counter() - begun
    program.close(force=True)
    return seconds


def finish(command: list[str]) -> float:
    """Run a program to its end; return the seconds it took."""
    begun = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, env=ENVIRONMENT, stdin=quiet, stdout=quiet, stderr=quiet)
    return time.perf_counter() - begun


def ratio(one: Callable[[], float], other: Callable[[], float], rounds: int) -> float:
    """Return how many times as long one takes as the other: the median over the turns."""
    return statistics.median(ours / theirs for ours, theirs in in_turns(one, other, rounds))


def in_turns(one: Callable[[], float], other: Callable[[], float], rounds: int) -> list[tuple[float, float]]:
    """Run both in turns, after once each for the caches; return the seconds of each turn."""
    one(), other()
    return [(one(), other()) for _ in range(rounds)]


if __name__ == "__main__":
    main()
