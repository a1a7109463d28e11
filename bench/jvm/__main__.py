"""`make bench-jvm`: the rendered Java service with several settings of the JVM, side by side in one run.

All run at the same time as in a container of one size, each with a PostgreSQL database of its own, and are loaded in
turns; medians of the rounds count. `ROUNDS=1` makes it short, `KEEP=1` takes what an earlier run rendered; with fewer
rounds than usual it only prints.
"""

import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml
from bench import quiet, readme
from bench.data import build, database, machine, measure
from bench.peers.fetch import UnavailableError
from bench.services import figures, generator, starts

from . import table

PLAN: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("plan.yml").read_text(encoding="utf-8"))
ROUNDS = 7


def main() -> int:
    """Build, start, load in turns, print; return 0 when all could be measured."""
    rounds = int(os.environ.get("ROUNDS") or ROUNDS)
    try:
        generator.build()
        program = build.built("java", "ours")
        quiet.insist()
        with tempfile.TemporaryDirectory() as scratch:
            found, postgres = _measured(program, rounds, Path(scratch))
    except UnavailableError as error:
        print(f"make bench-jvm: {error}", file=sys.stderr)
        return 1
    text = _section(found, machine.described(["java"], postgres), rounds)
    print(f"\n{text}")
    if rounds >= ROUNDS:
        readme.put("bench-jvm", text)
        print("\nREADME.md is written.")
    return 0


def _measured(program: build.Program, rounds: int, scratch: Path) -> tuple[figures.Figures, str]:
    """Run everything; return figures by setting and PostgreSQL's version. Raises UnavailableError."""
    pairs = build.load_generator()
    with ExitStack() as stack:
        scratch.chmod(0o755)  # PostgreSQL may run as another user
        server = stack.enter_context(database.running(scratch))
        services = {}
        for number, (setting, options) in enumerate(PLAN["settings"].items()):
            url, log = server.new_database(f"jvm_{number}"), build.OUT / f"jvm-{number}.log"
            services[setting] = stack.enter_context(
                measure.running(setting, starts.of_java(program, options), url, log)
            )
            services[setting].check()
        samples: figures.Samples = {}
        for setting, service in services.items():
            print(f"{setting}: warming it up", flush=True)
            samples.setdefault("memory_idle", {})[setting] = [service.memory()]
            service.load(pairs, PLAN["warm_up"])
        for number in range(rounds):
            for setting, service in services.items():
                for figure, value in _once(service, pairs).items():
                    samples.setdefault(figure, {}).setdefault(setting, []).append(value)
            print(f"round {number + 1} of {rounds}", flush=True)
        return figures.medians(samples), server.version()


def _once(service: measure.Service, pairs: Path) -> dict[str, float]:
    seconds, _ = service.load(pairs, PLAN["pairs"])
    rate = PLAN["rate"]
    said = generator.arriving(service.base, rate["operation"], rate["requests_per_second"], rate["seconds"])
    return {
        "requests_per_cpu_second": 2 * PLAN["pairs"] / seconds,
        "p99": said["p99"],
        "memory_loaded": service.memory(),
    }


def _section(found: figures.Figures, place: str, rounds: int) -> str:
    return "\n".join(
        [
            "### What the JVM's settings are worth",
            "",
            f"`make bench-jvm` runs the rendered Java service in {starts.CONTAINER}, once with each setting, all at",
            f"the same time and loaded in turns: the medians of {rounds} rounds, in brackets the ratio to the",
            "service as it is rendered, which is there twice: what its two rows differ by is chance.",
            "",
            table.markdown(found),
            "",
            f"The machine: {place}.",
        ]
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
