"""`make bench-services`: the three rendered services against each other, side by side in one run.

All run at the same time, each with a PostgreSQL database of its own, and are measured in turns, so that a busy machine
slows all of them; medians of the rounds count. `ROUNDS=1` makes it short, `KEEP=1` takes what an earlier run rendered;
with fewer rounds than usual it only prints.
"""

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from bench import quiet, readme, summaries
from bench.data import build, database, machine, measure
from bench.peers.fetch import UnavailableError

from . import charts, figures, generator, reference, starts, table

PLAN: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("plan.yml").read_text(encoding="utf-8"))
ROUNDS = 5
WITHOUT_CACHE = "java without its cache"
CHART = build.ROOT / "docs" / "bench.svg"
RAW = build.OUT / "bench-services.json"


def main() -> int:
    """Build, start, measure in turns, print; return 0 when all could be measured."""
    rounds = int(os.environ.get("ROUNDS") or ROUNDS)
    try:
        reference.installed()
        generator.build()
        programs = {language: _built(language) for language in table.LANGUAGES}
        quiet.insist()
        with tempfile.TemporaryDirectory() as scratch:
            found, postgres = _measured(programs, rounds, Path(scratch))
    except UnavailableError as error:
        print(f"make bench-services: {error}", file=sys.stderr)
        return 1
    place = machine.described(list(table.LANGUAGES), postgres)
    text = _section(found, place, rounds)
    print(f"\n{text}")
    if rounds >= ROUNDS:
        readme.put("bench-services", text)
        charts.draw(found, CHART)
        kept = summaries.write("bench-services", place, found)
        print(f"\nREADME.md, docs/{CHART.name} and {kept.relative_to(build.ROOT)} are written.")
    return 0


def _built(language: str) -> build.Program:
    print(f"{language}: building it", flush=True)
    return build.built(language, "ours")


def _measured(programs: Mapping[str, build.Program], rounds: int, scratch: Path) -> tuple[figures.Figures, str]:
    """Run everything; return the figures and PostgreSQL's version. Raises UnavailableError."""
    found = _of_builds(programs)
    java = starts.of_java(programs["java"])
    deployed = {**programs, "java": starts.with_cache(java)}
    with ExitStack() as stack:
        scratch.chmod(0o755)  # PostgreSQL may run as another user
        server = stack.enter_context(database.running(scratch))
        urls = {language: server.new_database(f"{language}_services") for language in programs}
        found |= _of_starts({**deployed, WITHOUT_CACHE: java}, urls)
        supplier = stack.enter_context(generator.supplier(PLAN["suppliers"]["delay"]))
        suppliers = ",".join([supplier] * PLAN["suppliers"]["number"])
        services = {}
        for language, program in deployed.items():
            asking = replace(
                program, variables={"APP_SUPPLIER_URLS": suppliers, "APP_SUPPLIER_TOKEN": PLAN["suppliers"]["token"]}
            )
            log = build.OUT / f"{language}-services.log"
            services[language] = stack.enter_context(measure.running(language, asking, urls[language], log))
            services[language].check()
        found |= _of_services(services, rounds, scratch)
        return found, server.version()


def _of_builds(programs: Mapping[str, build.Program]) -> figures.Figures:
    found: figures.Figures = {}
    for language, program in programs.items():
        seconds, size = starts.built(language, program.folder)
        found.setdefault("seconds_to_build", {})[language] = seconds
        found.setdefault("artefact_bytes", {})[language] = size
        print(f"{language}: built in {seconds:.1f} s, {size / 1e6:.0f} MB", flush=True)
    return found


def _of_starts(started: Mapping[str, build.Program], urls: Mapping[str, str]) -> figures.Figures:
    """Start each several times, one after the other; the first time does not count."""
    taken: dict[str, list[float]] = {name: [] for name in started}
    for _ in range(PLAN["starts"] + 1):
        for name, program in started.items():
            port, admin_port = measure.free_ports()
            variables = build.environment(program, urls[name.split()[0]], port, admin_port)
            measure.prepare(name, program, variables, build.OUT / f"{name.split()[0]}-services.log")
            taken[name].append(starts.seconds_to_ready(program, variables, port))
    medians = {name: statistics.median(each[1:]) for name, each in taken.items()}
    with_cache = medians["java"] / medians.pop(WITHOUT_CACHE)
    return {"seconds_to_ready": medians, "start_with_cache": {"java": with_cache}}


def _of_services(services: Mapping[str, measure.Service], rounds: int, scratch: Path) -> figures.Figures:
    found: figures.Figures = {"memory_idle": {who: service.memory() for who, service in services.items()}}
    pairs = build.load_generator()
    for who, service in services.items():
        print(f"{who}: warming it up", flush=True)
        service.load(pairs, PLAN["warm_up"][who])
    samples: figures.Samples = {}
    languages = list(services)
    orders = {who: service.new_order() for who, service in services.items()}
    paths = {
        "livez_per_cpu_second": dict.fromkeys([*services, reference.NAME], "/livez"),
        "reads_per_cpu_second": {**orders, reference.NAME: orders["go"]},
    }
    with reference.running(services["go"].base, ["/livez", orders["go"]], scratch) as nginx:
        everyone = {**services, reference.NAME: nginx}
        for number in range(rounds):
            first = number % len(languages)
            figures.round_of(services, [*languages[first:], *languages[:first]], PLAN, samples)
            figures.round_beside_reference(everyone, paths, PLAN["beside_nginx"], samples)
            print(f"round {number + 1} of {rounds}", flush=True)
    RAW.write_text(json.dumps(samples), encoding="utf-8")
    found |= figures.medians(samples)
    found["p99_at_rate"] = found["p99_at_100"]
    for who, service in services.items():
        print(f"{who}: memory, connections, overload", flush=True)
        for figure, value in _once(service, who).items():
            found.setdefault(figure, {})[who] = value
    return found


def _once(service: measure.Service, who: str) -> dict[str, float]:
    service.load(build.load_generator(), PLAN["loaded"][who])
    loaded, connections = service.memory(), PLAN["connections"]
    more = figures.memory_with(service, connections) - loaded
    found = {
        "memory_loaded": loaded,
        "memory_per_1000_connections": more * 1000 / connections,
        "p99_beside_connections": figures.answers_beside(service, PLAN["most_connections"], 50),
    }
    shares = figures.goodput(service, PLAN["overload"], starts.cores())
    return found | {f"{table.OVERLOAD}{times:g}": share for times, share in shares.items()}


def _section(found: figures.Figures, place: str, rounds: int) -> str:
    return "\n".join(
        [
            "### The three languages side by side",
            "",
            "`make bench-services` runs the three rendered services at the same time and loads them in turns. What is",
            f"under load is the median of {rounds} rounds; in brackets is the ratio to the least. Times count from the",
            "moment a request was due. It is one machine: take the ratios, not the figures.",
            "",
            f"![ratios of the three languages](docs/{CHART.name})",
            "",
            table.figures(found),
            "",
            "Beside nginx, which returns the same bytes and does nothing else (its share in brackets):",
            "",
            table.beside_reference(found),
            "",
            "What is asked of each of them:",
            "",
            table.concurrency(found, PLAN["targets"]),
            "",
            f"- the machine: {place}, which the load generator and the database share",
            f"- Java starts as its image does, from a cache of classes, and runs as in one of {starts.CONTAINER}",
            "- deployed are Go's one file, Java's archive without a JDK, Python's packages without Python",
        ]
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
