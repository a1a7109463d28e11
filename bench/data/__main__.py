"""`make bench-data`: what creating and reading an order on PostgreSQL costs, in our services and in others.

All contenders run at the same time, each with a database of its own, and are loaded in turns, so that a busy machine
slows all of them; the median of the ratios of each round counts. PostgreSQL's own time and that of the load do not.
`ONLY=go,java` takes some languages, `ROLES=minimal,ours` some contenders, `ROUNDS=3` makes it short; then it prints,
writes nothing, and fails where a service does more than a fifth worse beside the minimal handler than is recorded of
the last whole run. `KEEP=1` measures what an earlier run rendered.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml
from bench import quiet, readme, summaries
from bench.peers.fetch import UnavailableError

from . import build, database, machine, measure, table

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
            quiet.insist()
            measured, rates, postgres = _measured(programs, rounds, Path(scratch))
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    place = machine.described(list(measured), postgres)
    text = _section(measured, rates, place, rounds)
    print(f"\n{text}")
    if languages == list(LANGUAGES) and roles == list(ROLES) and rounds >= ROUNDS:
        readme.put("bench-data", text)
        speed = {language: statistics.median(figures["ours"]) for language, figures in measured.items()}
        found = {"requests_per_cpu_second": speed, table.SHARE: table.shares(measured)}
        kept = summaries.write("bench-data", place, found)
        print(f"\nREADME.md has the table, {kept.relative_to(build.ROOT)} the figures of our services.")
        return 0
    worse = table.worse(table.shares(measured), summaries.recorded("bench-data").get(table.SHARE, {}))
    for sentence in worse:
        print(sentence)
    return 1 if worse else 0


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
) -> tuple[dict[str, table.Figures], dict[str, table.Figures], str]:
    """Run everything; return requests per CPU-second, requests a second, PostgreSQL's version.

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
        measured, rates = _figures(services, rounds, generator)
        return measured, rates, server.version()


def _figures(
    services: Mapping[tuple[str, str], measure.Service], rounds: int, generator: Path
) -> tuple[dict[str, table.Figures], dict[str, table.Figures]]:
    """Load all in turns, beginning with another one in each round; return requests per CPU-second, and a second."""
    found: dict[str, dict[str, list[float]]] = {}
    rates: dict[str, dict[str, list[float]]] = {}
    keys = list(services)
    for number in range(rounds):
        first = number % len(keys)
        said = []
        for language, role in [*keys[first:], *keys[:first]]:
            pairs = LANGUAGES[language]["round"]
            cpu, seconds = services[language, role].load(generator, pairs)
            found.setdefault(language, {}).setdefault(role, []).append(2 * pairs / cpu)
            rates.setdefault(language, {}).setdefault(role, []).append(2 * pairs / seconds)
            said.append(f"{language} {role} {2 * pairs / cpu:.0f} ({2 * pairs / seconds:.0f}/s)")
        print(f"round {number + 1}: {', '.join(sorted(said))}", flush=True)
    languages = [language for language in LANGUAGES if language in found]
    return {language: found[language] for language in languages}, {language: rates[language] for language in languages}


def _section(measured: Mapping[str, table.Figures], rates: Mapping[str, table.Figures], place: str, rounds: int) -> str:
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
            table.markdown(measured, rates),
            "",
            *about,
            f"- the machine: {place}",
        ]
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
