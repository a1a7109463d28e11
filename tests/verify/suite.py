"""Running `trivium verify` over services that are described here."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from project import BIN, ROOT

HERE = Path(__file__).parent
MARK = "TRIVIUM_TEST_MARK"  # the name of an environment variable that tells the processes of a test
LONGEST = 300.0


SERVER = ["sh", "{folder}/postgres.sh", "-D", "{database_folder}", "-p", "{database_port}", "-d", "{database_user}"]


def right(fault: str = "", database: str = "") -> dict[str, Any]:
    """Return the service file of the right service, with a fault planted, and with a database of some kind."""
    described: dict[str, Any] = yaml.safe_load((HERE / "verify.yml").read_text(encoding="utf-8"))
    lean = [] if database == "postgres" else ["-S"]  # a faster start, without what is installed
    command = [sys.executable, *lean, str(HERE / "service.py"), *(["--fault", fault] if fault else [])]
    if database:
        _add(described, yaml.safe_load((HERE / "database.yml").read_text(encoding="utf-8")))
        described["database"] |= {"kind": database, "migrate": [*command, "--migrate"]}
    if database == "postgres":
        described["database"]["server"] = SERVER
    described["command"] = command
    described["configuration"] |= {"help": [*command, "--help"], "version": [*command, "--version"]}
    described["gates"] = {name: [*command, "--gate", name] for name in described["gates"]}
    described["vectors"] = str(HERE / described["vectors"])  # the tests write the service file elsewhere
    described["contract"]["file"] = str(HERE / described["contract"]["file"])
    return described


def _add(described: dict[str, Any], more: dict[str, Any]) -> None:
    for name, fields in more.items():
        described[name] = described.get(name, {}) | fields


def script(text: str, **fields: Any) -> dict[str, Any]:
    """Return the service file of a few lines of Python."""
    return {
        "name": "odd",
        "command": [sys.executable, "-S", "-c", text, "{port}"],
        "start_seconds": 5,
        "settings": {"drain_seconds": 0, "shutdown_seconds": 0},
        **fields,
    }


@dataclass(frozen=True)
class Suite:
    """Runs the command in a folder of its own; whatever it starts carries a mark."""

    folder: Path
    mark: str
    scratch: Path
    """Where it may leave temporary files while it runs."""

    def leftovers(self) -> list[str]:
        """Return the temporary files that it left."""
        return sorted(path.name for path in self.scratch.iterdir())

    def describe(self, described: dict[str, Any]) -> Path:
        """Write a service file, marked."""
        path = self.folder / "service.yml"
        environment = {**described.get("environment", {}), MARK: self.mark}
        path.write_text(yaml.safe_dump({**described, "environment": environment}), encoding="utf-8")
        text = (ROOT / "common" / "scripts" / "postgres.sh").read_text(encoding="utf-8")
        (self.folder / "postgres.sh").write_text(text.replace("{{ service_name }}", "right"), encoding="utf-8")
        return path

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start it."""
        return subprocess.Popen(
            [BIN / "trivium", "verify", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
            env={**os.environ, MARK: self.mark, "TMPDIR": str(self.scratch)},
        )

    def run(self, *arguments: str | Path, seconds: float = LONGEST) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        with self.start(*arguments) as started:
            try:
                said, complained = started.communicate(timeout=seconds)
            finally:
                started.kill()
        return subprocess.CompletedProcess(started.args, started.returncode, said, complained)

    def verdicts(self, described: dict[str, Any], *only: str) -> dict[str, tuple[str, str]]:
        """Return the outcome of each check, and what was seen."""
        words = ["--only", ",".join(only)] if only else []
        done = self.run("--service", self.describe(described), "--json", *words)
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        assert done.returncode == (1 if report["failed"] else 0)
        return {row["id"]: (row["outcome"], row["seen"]) for row in report["checks"]}

    def alive(self) -> list[str]:
        """Return the processes that carry the mark or work in the scratch folder, wherever they hang in the tree."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get(MARK) == self.mark or str(self.scratch) in " ".join(process.cmdline())
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid} {' '.join(process.cmdline())}"[:200])
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def sweep(self) -> None:
        """Kill what is left, after a test that failed."""
        for line in self.alive():
            with suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)
