"""`make bench-data`: what creating and reading an order on PostgreSQL costs, in our services and in others.

All contenders run at the same time, each with a database of its own, and are loaded in turns, so that a busy machine
slows all of them; the median of the ratios of each round counts. PostgreSQL's own time and that of the load do not.
`ONLY=go,java` takes some languages, `ROLES=minimal,default` some contenders, `ROUNDS=3` makes it short; then it only
prints. `KEEP=1` measures what an earlier run rendered.
"""

import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml
from bench.peers.fetch import UnavailableError

from . import build, database, evidence, measure, table

LANGUAGES: Mapping[str, Mapping[str, Any]] = yaml.safe_load((build.HERE / "contenders.yml").read_text(encoding="utf-8"))
ROLES = ("ours", "minimal", "default")
ROUNDS = 15
BAD_INPUT = 2


def main() -> int:
    """Build, start, check, load in turns, print; return 0 when all could be measured."""
    languages, roles = _chosen("ONLY", list(LANGUAGES)), _chosen("ROLES", list(ROLES))
    rounds = int(os.environ.get("ROUNDS") or ROUNDS)
    if not languages or not roles:
        return BAD_INPUT
    try:
        programs = {(each, role): _built(each, role) for each in languages for role in roles}
        with tempfile.TemporaryDirectory() as scratch:
            measured, memory, postgres = _measured(programs, rounds, Path(scratch))
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    machine = f"{os.cpu_count()} cores, {_machine(measured)}, PostgreSQL {postgres} with durable commits"
    text = _section(measured, machine, rounds)
    print(f"\n{text}")
    if languages == list(LANGUAGES) and roles == list(ROLES) and rounds >= ROUNDS:
        table.put(build.ROOT / "README.md", text)
        speed = {language: statistics.median(figures["ours"]) for language, figures in measured.items()}
        said = evidence.text({"requests_per_cpu_second": speed, "memory": memory}, machine)
        (build.ROOT / "chooser" / "evidence.yml").write_text(said, encoding="utf-8")
        print("\nREADME.md has the table, chooser/evidence.yml the ratios of the languages.")
    return 0


def _chosen(variable: str, known: list[str]) -> list[str]:
    words = [word.strip() for word in os.environ.get(variable, "").split(",") if word.strip()]
    if unknown := [word for word in words if word not in known]:
        print(f"{variable}: there is no {unknown[0]}; there are {', '.join(known)}.", file=sys.stderr)
        return []
    return [word for word in known if word in words or not words]


def _built(language: str, role: str) -> build.Program:
    print(f"{language} {role}: building it", flush=True)
    return build.built(language, role)


def _measured(
    programs: Mapping[tuple[str, str], build.Program], rounds: int, scratch: Path
) -> tuple[dict[str, table.Figures], dict[str, float], str]:
    """Run everything; return the figures, the bytes that our services take, PostgreSQL's version.

    Raises UnavailableError.
    """
    generator = build.load_generator()
    with ExitStack() as stack:
        scratch.chmod(0o755)  # PostgreSQL may run as another user
        server = stack.enter_context(database.running(scratch))
        services = {}
        for (language, role), program in programs.items():
            url = server.new_database(f"{language}_{role}")
            if role != "ours":
                database.make_schema(url)
            log = build.OUT / f"{language}-{role}.log"
            name = f"{language} {role}"
            services[language, role] = stack.enter_context(measure.running(name, program, url, log))
            services[language, role].check()
            print(f"{name}: warming it up", flush=True)
            services[language, role].load(generator, LANGUAGES[language]["warm_up"])
        measured = _figures(services, rounds, generator)
        memory = {language: service.memory() for (language, role), service in services.items() if role == "ours"}
        return measured, memory, server.version()


def _figures(
    services: Mapping[tuple[str, str], measure.Service], rounds: int, generator: Path
) -> dict[str, table.Figures]:
    """Load all in turns, beginning with another one in each round; return requests per CPU-second."""
    found: dict[str, dict[str, list[float]]] = {}
    keys = list(services)
    for number in range(rounds):
        first = number % len(keys)
        said = []
        for language, role in [*keys[first:], *keys[:first]]:
            pairs = LANGUAGES[language]["round"]
            cpu, seconds = services[language, role].load(generator, pairs)
            found.setdefault(language, {}).setdefault(role, []).append(2 * pairs / cpu)
            said.append(f"{language} {role} {2 * pairs / cpu:.0f} ({2 * pairs / seconds:.0f}/s)")
        print(f"round {number + 1}: {', '.join(sorted(said))}", flush=True)
    return {language: found[language] for language in LANGUAGES if language in found}


def _section(measured: Mapping[str, table.Figures], machine: str, rounds: int) -> str:
    about = [
        f"- {language}: the minimal handler is {LANGUAGES[language]['minimal']}; the generator's service is "
        f"{LANGUAGES[language]['default']}; {2 * LANGUAGES[language]['round']} requests in a round"
        for language in measured
    ]
    return "\n".join(
        [
            "### What the data layer costs",
            "",
            f"`make bench-data` creates and reads orders on PostgreSQL, {measure.CONCURRENCY} requests at once, in the",
            "rendered services, in a minimal handler with the same driver and SQL, and in what a well-known generator",
            "starts with. Counted are requests per second of processor time of its processes; all run side by side and",
            f"are loaded in turns. The ratios are medians over {rounds} rounds (least to most).",
            "",
            table.markdown(measured),
            "",
            *about,
            f"- the machine: {machine}",
        ]
    )


def _machine(languages: Sequence[str] | Mapping[str, table.Figures]) -> str:
    """Return the versions of what the contenders run on."""
    said = [f"{platform.system()} {platform.machine()}"]
    commands = {
        "python": [str(build.folder_of("python", "minimal") / ".venv" / "bin" / "python"), "--version"],
        "go": ["go", "version", str(build.folder_of("go", "minimal") / "bin" / "api")],
        "java": ["java", "-version"],
    }
    if "java" in languages:
        commands["java"][0] = f"{build.java_home()}/bin/java"
    for language in languages:
        done = subprocess.run(commands[language], capture_output=True, text=True, check=False)
        number = re.search(r"\d+\.\d+[.\d]*", done.stdout + done.stderr)
        said.append(f"{language.capitalize()} {number.group() if number else 'of unknown version'}")
    return ", ".join(said)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
