"""Gets a peer from its registry and builds it in a folder of its own; nothing of it is committed."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECONDS = 900  # for one step
SAID = 300  # characters of what a failed step said


class UnavailableError(Exception):
    """Why a peer cannot be had: `word` fits a table's cell."""

    def __init__(self, word: str, why: str) -> None:
        """Keep both."""
        super().__init__(why)
        self.word = word


def build(name: str, entry: Mapping[str, Any], folder: Path) -> None:
    """Copy a peer's own files, get the rest, build; what an earlier run got is kept. Raises UnavailableError."""
    stamp, wanted = folder / ".got", json.dumps(entry)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)  # another version, or left unfinished
    shutil.copytree(HERE / name, folder, dirs_exist_ok=True)
    for kind, steps in KINDS.items():
        if kind in entry:
            steps(entry, folder)
    stamp.write_text(wanted, encoding="utf-8")


def run(command: Sequence[str | Path], folder: Path, **variables: str) -> None:
    """Run one step of a build. Raises UnavailableError."""
    program = str(command[0])
    if shutil.which(program) is None:
        raise UnavailableError("no toolchain", f"{program} is not installed; this peer is built with it.")
    try:
        done = subprocess.run(
            [program, *map(str, command[1:])],
            cwd=folder,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError("not built", f"{program} did not end within {SECONDS} s.") from error
    if done.returncode != 0:
        last = " | ".join(line.strip() for line in done.stdout.splitlines()[-3:])[-SAID:]
        raise UnavailableError("not built", f"{program} ended with {done.returncode}: {last}")


def _go(entry: Mapping[str, Any], folder: Path) -> None:
    if not (folder / "bin").is_dir():
        run(["go", "install", entry["go"]], folder, GOBIN=str(folder / "bin"))


def _npm(entry: Mapping[str, Any], folder: Path) -> None:
    """Get a generator, let it write a Go service, add our routes, build."""
    made = folder / "peer"
    generator = folder / "node_modules" / ".bin" / "go-blueprint"
    if not generator.exists():
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, entry["npm"]], folder)
    if not made.is_dir():
        _on_a_terminal([str(generator), *entry["generate"]], folder)
    routes = made / "internal" / "server" / "routes.go"
    shutil.copy(folder / "added.go", routes.parent)
    text = routes.read_text(encoding="utf-8")
    if "addRoutes(mux)" not in text:
        text, found = re.subn(r"(mux := http\.NewServeMux\(\)\n)", r"\1\taddRoutes(mux)\n", text)
        if not found:
            raise UnavailableError("not built", "go-blueprint writes its routes in another way than this script knows.")
        routes.write_text(text, encoding="utf-8")
    run(["go", "build", "-o", folder / "bin" / "api", "./cmd/api"], made)


def _on_a_terminal(command: Sequence[str], folder: Path) -> None:
    """Run what insists on a terminal, even where every answer is given. Raises UnavailableError."""
    import pexpect

    code: int | None = None
    child = pexpect.spawn(command[0], list(command[1:]), cwd=str(folder), timeout=SECONDS, encoding="utf-8")
    try:
        child.expect(pexpect.EOF)
    except pexpect.TIMEOUT as error:
        raise UnavailableError("not built", f"{command[0]} did not end within {SECONDS} s.") from error
    finally:
        child.close(force=True)
        code = child.exitstatus
    if code != 0:
        raise UnavailableError("not built", f"{command[0]} ended with {code}.")


def _pypi(entry: Mapping[str, Any], folder: Path) -> None:
    place = folder / ".venv"
    if not place.is_dir():
        run([sys.executable, "-m", "venv", place], folder)
    pip: list[str | Path] = [
        place / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    run([*pip, *entry["pypi"]], folder)


def _maven(entry: Mapping[str, Any], folder: Path) -> None:
    pom = folder / "pom.xml"
    pom.write_text(pom.read_text(encoding="utf-8").replace("@version@", entry["maven"]), encoding="utf-8")
    run(["mvn", "--batch-mode", "--quiet", "package"], folder)


KINDS: Mapping[str, Callable[[Mapping[str, Any], Path], None]] = {
    "go": _go,
    "npm": _npm,
    "pypi": _pypi,
    "maven": _maven,
}
