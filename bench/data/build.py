"""Builds the contenders, each in a folder of its own, and says how each is started."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from bench.peers.fetch import UnavailableError, run

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = ROOT / ".venv" / "bin"
OUT = ROOT / "out" / "data"
OURS = Path(tempfile.gettempdir()) / "trivium-bench-data"  # the generator renders into no checkout of its own
NAME = "orders"  # of the service that is rendered
VERSIONS = yaml.safe_load((ROOT / "common" / "versions.yml").read_text(encoding="utf-8"))
# What is set in the shell must not reach a contender: only where programs and caches are.
KEPT = ("PATH", "HOME", "TMPDIR", "GOPATH", "GOCACHE", "GOMODCACHE", "GOPROXY")


@dataclass(frozen=True)
class Program:
    """How a contender is started; `before` prepares its database where it does that itself."""

    folder: Path
    command: Sequence[str]
    before: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def folder_of(language: str, role: str) -> Path:
    """Return where a contender is built."""
    return OURS / language / NAME if role == "ours" else OUT / f"{language}-{role}"


def built(language: str, role: str) -> Program:
    """Build a contender, unless it is there already and `KEEP` is set. Raises UnavailableError."""
    folder = folder_of(language, role)
    if role == "ours":
        return _ours(language, folder)
    shutil.copytree(HERE / folder.name, folder, dirs_exist_ok=True)
    return BUILDERS[language](folder, role)


def load_generator() -> Path:
    """Build what makes the requests. Raises UnavailableError."""
    program = OUT / "load"
    OUT.mkdir(parents=True, exist_ok=True)
    run(["go", "build", "-o", program, "."], HERE / "load", CGO_ENABLED="0")
    return program


def environment(program: Program, database: str, port: int, admin_port: int) -> dict[str, str]:
    """Return the variables of a contender, whichever of their names it knows."""
    url = urlsplit(database)
    kept = {key: os.environ[key] for key in KEPT if key in os.environ}
    address = f"{url.hostname}:{url.port}{url.path}"
    theirs = {"PORT": str(port), "DATABASE_URL": database, "DATABASE_ADDRESS": address, "DATABASE_USER": url.username}
    ours = {
        "APP_ENV": "production",
        "APP_HOST": "127.0.0.1",
        "APP_PORT": str(port),
        "APP_ADMIN_HOST": "127.0.0.1",
        "APP_ADMIN_PORT": str(admin_port),
        "APP_DATABASE_URL": database,
    }
    return kept | dict(program.variables) | (ours if program.before else {k: v or "" for k, v in theirs.items()})


def _ours(language: str, folder: Path) -> Program:
    """Render and build as a user would; start as the service's own file for `trivium verify` says."""
    if not (os.environ.get("KEEP") and folder.is_dir()):
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        words = ["--yes", "--language", language, "--set", "example=full", "--set", "database=postgres"]
        run([BIN / "trivium", "new", folder, *words], ROOT)
    run(["make", "--no-print-directory", "build"], folder)
    service = yaml.load((folder / "verify.yml").read_bytes(), Loader=yaml.CSafeLoader)  # as `trivium verify` reads it
    command = [word.replace("{folder}", str(folder)) for word in service["command"]]
    return Program(folder, command, [*command, "migrate"])


def _python(folder: Path, role: str) -> Program:
    """Install the locked requirements beside the interpreter that ours runs on."""
    place, wanted = folder / ".venv", (folder / "requirements.txt").read_text(encoding="utf-8")
    interpreter = _interpreter()
    stamp = place / "got.json"
    if not stamp.is_file() or json.loads(stamp.read_text(encoding="utf-8")) != [str(interpreter), wanted]:
        shutil.rmtree(place, ignore_errors=True)
        run([interpreter, "-m", "venv", place], folder)
        pip: list[str | Path] = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input"]
        run([*pip, "--disable-pip-version-check", "--require-hashes", "-r", "requirements.txt"], folder)
        stamp.write_text(json.dumps([str(interpreter), wanted]), encoding="utf-8")
    if role == "minimal":
        words = ["uvicorn", "--host", "127.0.0.1", "--port", "{port}", "main:app"]
    else:
        words = ["fastapi", "run", "--workers", "4", "--port", "{port}", "app/main.py"]
    return Program(folder, [str(place / "bin" / words[0]), *words[1:]])


def _interpreter() -> Path:
    """Return the interpreter of our own service, so that all three have the same. Raises UnavailableError."""
    ours = folder_of("python", "ours") / ".venv" / "bin" / "python"
    if not ours.exists():
        raise UnavailableError("not built", "The rendered service has to be built first: its interpreter is used.")
    return ours.resolve()


def _go(folder: Path, role: str) -> Program:
    package = "." if role == "minimal" else "./cmd/api"
    toolchain = os.environ.get("GOTOOLCHAIN", "auto")  # as the Makefile of the rendered service has it
    run(["go", "build", "-o", "bin/api", package], folder, CGO_ENABLED="0", GOTOOLCHAIN=toolchain)
    return Program(folder, [str(folder / "bin" / "api")])


def _java(folder: Path, _: str) -> Program:
    home = java_home()
    run(["mvn", "--batch-mode", "--quiet", "package"], folder, JAVA_HOME=home)
    return Program(folder, [f"{home}/bin/java", "-jar", str(folder / "target" / "app.jar")])


def java_home() -> str:
    """Return the JDK that a rendered service takes. Raises UnavailableError."""
    words = ["sh", str(ROOT / "template-java" / "scripts" / "java-home.sh"), str(VERSIONS["java"]["minimum"])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnavailableError("no toolchain", done.stderr.strip())
    return done.stdout.strip()


BUILDERS = {"python": _python, "go": _go, "java": _java}
