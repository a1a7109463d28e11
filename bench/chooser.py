"""How fast the chooser is, side by side in one run: `make bench-chooser`.

The two sides of a line run in turns, so that a busy machine slows both; of each the median counts. The figures belong
to the machine and the moment, so they are printed and stand nowhere else.
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

from project import BIN
from terminal import Terminal
from trivium import agenda, equivalent, model, presets

PYTHON = sys.executable
ENVIRONMENT = {key: os.environ[key] for key in ("PATH", "HOME")}  # Python keeps its bytecode, as it does by default
ROUNDS = 5
QUICK_ROUNDS = 15  # of what takes a fraction of a second


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
    return ratio(lambda: until(folder, [], "Where shall the service go?"), import_questionary, QUICK_ROUNDS)


def first_question(folder: Path) -> float:
    """Return how long `trivium new DEST` takes to ask the first question of the conversation, as a multiple."""
    question = agenda.left([])[0].question
    return ratio(lambda: until(folder, ["orders"], question), import_questionary, QUICK_ROUNDS)


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
    ours, bare = in_turns(lambda: finish(command), lambda: finish([PYTHON, "-c", "pass"]), QUICK_ROUNDS)
    return ours - bare


def import_questionary() -> float:
    """Do what the first prompt cannot do without."""
    return finish([PYTHON, "-c", "import questionary"])


def until(folder: Path, arguments: list[str], text: str) -> float:
    """Start `trivium new` in a terminal; return the seconds until a text is on its screen."""
    begun = time.perf_counter()
    terminal = Terminal.trivium("new", *arguments, cwd=folder)
    terminal.wait_for(text)
    seconds = time.perf_counter() - begun
    terminal.press("ctrl-c")
    terminal.wait()
    return seconds


def finish(command: list[str]) -> float:
    """Run a program to its end; return the seconds it took."""
    begun = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, env=ENVIRONMENT, stdin=quiet, stdout=quiet, stderr=quiet)
    return time.perf_counter() - begun


def ratio(one: Callable[[], float], other: Callable[[], float], rounds: int) -> float:
    """Return how many times as long one takes as the other."""
    ours, theirs = in_turns(one, other, rounds)
    return ours / theirs


def in_turns(one: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Run both in turns, after once each for the caches; return the median seconds of each."""
    one(), other()
    pairs = [(one(), other()) for _ in range(rounds)]
    return statistics.median(ours for ours, _ in pairs), statistics.median(theirs for _, theirs in pairs)


if __name__ == "__main__":
    main()
