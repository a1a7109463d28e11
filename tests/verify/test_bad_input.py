"""What cannot be checked gets one clear sentence and exit code 2, and no process outlives the suite."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from verify import odd
from verify.suite import Suite, right, script

CHECKED = ("--only", "A3")
DATABASE = {"kind": "postgres", "migrate": ["true"]}


def refused(suite: Suite, described: dict[str, Any], *arguments: str | Path) -> str:
    """Run the suite, which has to refuse with one sentence and to leave nothing behind; return the sentence."""
    done = suite.run("--service", suite.describe(described), *(arguments or CHECKED), seconds=90)
    return sentence(suite, done)


def sentence(suite: Suite, done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence of a run that was refused and left nothing behind."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert suite.alive() == []
    assert suite.leftovers() == []
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("trivium: ")
    return lines[0].removeprefix("trivium: ")


SERVICES: dict[str, tuple[dict[str, Any], str]] = {
    "not found": ({"command": ["no-such-command"]}, "'no-such-command' cannot be run: No such file or directory."),
    "not allowed": ({"command": ["/dev/null"]}, "'/dev/null' cannot be run: Permission denied."),
    "never listens": (
        script(odd.NEVER_LISTENS, start_seconds=2),
        "odd was not ready within 2 s; it said: still thinking.",
    ),
    "never answers its probe": (
        script(odd.NEVER_ANSWERS, start_seconds=2, probes={"listener": "public", "ready": "/readyz"}),
        "odd was not ready within 2 s; it said nothing.",
    ),
    "never answers": (script(odd.NEVER_ANSWERS), "odd accepts connections and answers nothing"),
    "dies": (script(odd.DIES), "odd ended with 3 before it was ready; it said: no disk, no service."),
    "forks away": (script(odd.FORKS_AWAY), "odd's command ended with 0 and left processes behind: it forks away."),
    "ignores signals": (script(odd.IGNORES_SIGNALS), "odd ignores SIGTERM and SIGINT"),
    "writes without end": (script(odd.WRITES_WITHOUT_END), "odd writes without end"),
    "build fails": (
        script(odd.ANSWERS, build=["sh", "-c", "echo no compiler; exit 4"]),
        "The build (sh -c echo no compiler; exit 4) ended with 4: no compiler",
    ),
    "build not found": (script(odd.ANSWERS, build=["no-such-build"]), "'no-such-build' cannot be run"),
    "database server fails": (
        right(database="postgres") | {"database": {**DATABASE, "server": ["sh", "-c", "echo no disk; exit 4"]}},
        "The database server (sh -c echo no disk; exit 4) did not start; it said: no disk.",
    ),
    "migration fails": (
        script(odd.ANSWERS, database={"kind": "sqlite", "migrate": ["sh", "-c", "echo no table; exit 6"]}),
        "sh -c echo no table; exit 6 ended with 6: no table",
    ),
    "preparation fails": (script(odd.ANSWERS, before=["sh", "-c", "exit 5"]), "sh -c exit 5 ended with 5"),
}
FILES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"comand": ["true"]}, "'comand' was unexpected"),
    "nothing required": ({"name": "odd"}, "'command' is a required property"),
    "wrong type": ({"start_seconds": "soon"}, "is wrong at start_seconds: 'soon' is not of type 'number'"),
    "unknown request": ({"requests": {"slw": {"path": "/"}}}, "is wrong at requests"),
    "unknown placeholder": ({"command": ["true", "{prot}"]}, "uses {prot}, which nothing fills in; known are"),
    "unknown placeholder before": ({"before": ["true", "{prot}"]}, "uses {prot}, which nothing fills in"),
    "unknown placeholder of help": ({"configuration": {"help": ["{prot}"]}}, "uses {prot}, which nothing fills in"),
    "database without a server": ({"database": DATABASE}, "is wrong at database: 'server' is a required property"),
    "place without a database": (
        {"environment": {"APP": "{database_url}"}},
        "uses {database_url}; describe the database",
    ),
    "unknown placeholder of a server": (
        {"database": {**DATABASE, "server": ["true", "{port}"]}},
        "uses {port}, which nothing fills in",
    ),
    "nameless placeholder": ({"command": ["true", "{}"]}, "uses {}, which nothing fills in"),
    "numbered placeholder": ({"command": ["true", "{0}"]}, "uses {0}, which nothing fills in"),
    "formatted placeholder": ({"command": ["true", "{port:d}"]}, "uses {port} with a format or conversion"),
    "open brace": ({"command": ["true", "{port"]}, "A brace in the service file stands alone"),
    "closing brace": ({"environment": {"APP": "port}"}}, "A brace in the service file stands alone"),
    "setting without value": (
        {"environment": {"DRAIN": "{drain_seconds}"}, "settings": {}},
        "uses {drain_seconds}; give it a value under settings.",
    ),
}


@pytest.mark.parametrize("case", SERVICES)
def test_a_service_that_cannot_be_checked(suite: Suite, case: str) -> None:
    described, said = SERVICES[case]
    assert said in refused(suite, {"name": "odd", **described})


@pytest.mark.parametrize("case", FILES)
def test_a_service_file_that_is_wrong(suite: Suite, case: str) -> None:
    changes, said = FILES[case]
    described = changes if case == "nothing required" else {**script(odd.ANSWERS), **changes}
    assert said in refused(suite, described, "--only", "A3,H4")


def test_a_port_in_use(suite: Suite) -> None:
    with taken() as port:
        said = refused(suite, script(odd.ANSWERS, ports={"public": port}))
    assert said.startswith(f"Port {port} is in use by another process; stop that one")


def test_a_database_that_nothing_here_can_talk_to(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    (suite.folder / "psycopg.py").write_text("raise ImportError", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(suite.folder))
    said = refused(suite, right(database="postgres"))
    assert said.endswith("psycopg, with which the suite looks into it, is not installed; install trivium[postgres].")


@contextmanager
def taken() -> Iterator[int]:
    """Hold a port."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield int(holder.getsockname()[1])


def test_a_folder_without_a_service_file(suite: Suite) -> None:
    assert f"{suite.folder} has no verify.yml" in sentence(suite, suite.run(suite.folder))


def test_a_service_file_that_is_not_there(suite: Suite) -> None:
    done = suite.run("--service", suite.folder / "absent.yml")
    assert sentence(suite, done).endswith("absent.yml cannot be read: No such file or directory.")


@pytest.mark.parametrize(("name", "hint"), [("A11", "Did you mean A1?"), ("c3", "Did you mean C3?"), ("ZZZ", "--list")])
def test_a_check_that_does_not_exist(suite: Suite, name: str, hint: str) -> None:
    said = refused(suite, right(), "--only", f"A3,{name}")
    assert said.startswith(f"There is no check called '{name}'.")
    assert hint in said


def test_a_report_that_cannot_be_written(suite: Suite) -> None:
    report = suite.folder / "absent" / "report.xml"
    said = refused(suite, right(), "--only", "H4", "--junit", report)
    assert said == f"{report} cannot be written: No such file or directory."
