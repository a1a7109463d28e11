"""Section H: configuration and secrets."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import process, wire
from .service_file import Request
from .trial import Running, Trial, expect, expect_in_time, filled

BAD_CONFIGURATION = 2
SECRETS = ("canary-4f1a9c7be2d85a60", "canary-9b3e07d1c6f2485e")
ADMIN_PATHS = ("/metrics", "/version", "/env", "/health/dependencies", "/configprops", "/actuator/env", "/debug/vars")
SHORT_RUN = 20.0


def h1(trial: Trial) -> str:
    """Start it with several mistakes at once, and with a misspelt key."""
    invalid = trial.service.get("configuration.invalid")
    started = min(_refusal(trial, invalid)[2] for _ in range(2))  # the first run may have to read from a cold disk
    code, said, _ = _refusal(trial, invalid)
    expect(code == BAD_CONFIGURATION, f"bad configuration ends with {code}, not 2")
    missing = [key for key in invalid if key not in said]
    expect(not missing, f"of {len(invalid)} mistakes {', '.join(missing)} is not named")
    expect_in_time(started <= 1 + _startup_slack(), f"it takes {started:.1f} s to refuse bad configuration")
    unknown = trial.service.get("configuration.unknown")
    if unknown:
        with trial.running(environment={unknown: "1"}) as running:
            expect(
                any(unknown in line for line in running.process.output()), f"{unknown} is unknown, and no line says so"
            )
    return f"all {len(invalid)} named, exit 2 after {started:.2f} s"


def _startup_slack() -> float:
    """Return the seconds that starting any program costs now beyond what it costs on a free machine."""
    begun = time.monotonic()
    for _ in range(3):
        process.run(["true"], Path.cwd(), {"PATH": os.environ["PATH"]}, 10)
    return max(0.0, (time.monotonic() - begun) * 2 - 0.3)


def _refusal(trial: Trial, extra: Mapping[str, Any]) -> tuple[int | None, str, float]:
    """Start it with an environment it should refuse; return its exit code, its words, the seconds it took."""
    with trial.places() as places:
        command = filled(trial.service.command, places)
        code, output, took = process.run(command, trial.service.folder, trial.environment(places, extra), SHORT_RUN)
    return code, "\n".join(output), took


def h2(trial: Trial) -> str:
    """Start it in production with each weak secret."""
    weak = trial.service.get("configuration.weak_secrets")
    for environment in weak:
        code, said, _ = _refusal(trial, environment)
        named = ", ".join(environment)
        expect(code is not None, f"it starts with a weak secret in {named}")
        expect(code != 0, f"a weak secret in {named} ends with 0, as if all were well")
        expect(any(key in said for key in environment), f"it refuses a weak secret and does not name {named}")
        shown = [value for value in map(str, environment.values()) if value and _quoted(value).search(said)]
        expect(not shown, f"it prints the secret that it refuses in {named}")
    return f"{len(weak)} of {len(weak)} refused, each named"


def _quoted(value: str) -> re.Pattern[str]:
    """Return what finds a value that is quoted, in whatever marks, JSON's escaped ones too."""
    return re.compile(rf"""["'`=]{re.escape(value)}["'`\\]""")


def h3(trial: Trial) -> str:
    """Give it a secret in a file, look where it goes, and change it."""
    key = trial.service.get("configuration.secret")
    with tempfile.TemporaryDirectory(prefix="trivium-verify-") as folder:
        file = Path(folder) / "secret"
        file.write_text(SECRETS[0] + "\n", encoding="utf-8")
        with trial.running(environment={key: "", f"{key}_FILE": str(file)}) as running:
            running.ask("outbound")
            expect(_seen(trial, SECRETS[0]), f"the secret in {key}_FILE never reaches the upstream that wants it")
            _nowhere(running, SECRETS[0])
            file.write_text(SECRETS[1] + "\n", encoding="utf-8")
            end = time.monotonic() + 5
            while not _seen(trial, SECRETS[1]):
                expect(time.monotonic() < end, "5 s after the file has changed the old secret is still in use")
                running.ask("outbound")
                time.sleep(0.2)
            _nowhere(running, SECRETS[1])
    return "used from the file, changed without a restart, in no log line, argument or page"


def _seen(trial: Trial, secret: str) -> bool:
    return any(secret in value for call in trial.upstream.calls for value in call.headers.values())


def _nowhere(running: Running, secret: str) -> None:
    """Look for a secret where it must not be."""
    expect(not any(secret in line for line in running.process.output()), "the secret is in the log")
    arguments = [" ".join(entry.cmdline()) for entry in running.process.tree()]
    expect(not any(secret in line for line in arguments), "the secret is among the arguments of a process")
    for port in {running.public, running.admin}:
        for path in ADMIN_PATHS:
            answer = wire.attempt(port, Request(path=path))
            expect(secret.encode() not in getattr(answer, "body", b""), f"the secret is shown at {path}")


def h4(trial: Trial) -> str:
    """Ask for help and version with an empty environment, in an empty folder, without a network."""
    isolated = _without_network(trial)
    for name in ("help", "version"):
        with trial.places() as places:
            words = filled(trial.service.get(f"configuration.{name}"), places)
        with tempfile.TemporaryDirectory(prefix="trivium-verify-") as folder:
            environment = {"PATH": os.environ["PATH"], "HOME": folder}
            code, said, took = process.run([*isolated, *words], Path(folder), environment, SHORT_RUN)
            left = sorted(entry.name for entry in Path(folder).iterdir())
        expect(code == 0, f"--{name} ends with {code}: {' '.join(said[-2:])}")
        expect(bool("".join(said).strip()), f"--{name} says nothing")
        expect(not left, f"--{name} leaves {', '.join(left)} behind")
        expect_in_time(took <= 3 + 3 * _startup_slack(), f"--{name} takes {took:.1f} s")
    return f"exit 0, nothing left behind{', no network needed' if isolated else ''}"


def _without_network(trial: Trial) -> list[str]:
    """Return the words that take the network away from a command, none where this machine does not let us."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    words = [unshare, "--net"]
    code, _, _ = process.run([*words, "true"], trial.service.folder, {"PATH": os.environ["PATH"]}, 5)
    return words if code == 0 else []


CHECKS: dict[str, Callable[[Trial], str]] = {"H1": h1, "H2": h2, "H3": h3, "H4": h4}
