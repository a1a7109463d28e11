"""What slo.yaml says: the objectives, and the load under which they are judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .entry import BadSloError, Entry, parsed


@dataclass(frozen=True, slots=True)
class Objective:
    """What is promised for one operation."""

    name: str
    method: str
    route: str
    p99_ms: float
    availability: float


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of a profile: requests arrive at one rate."""

    seconds: float
    requests_per_second: float


@dataclass(frozen=True, slots=True)
class Slo:
    """The whole file, as far as the load test goes."""

    objectives: Mapping[str, Objective]
    warm_up_seconds: float
    least_achieved: float
    profiles: Mapping[str, Sequence[Step]]

    def of_mix(self, names: Iterable[str]) -> Sequence[Objective]:
        """Return the objectives that the mix asks for. Raises BadSloError where there is none of a name."""
        wanted = list(names)
        for name in wanted:
            if name not in self.objectives:
                raise BadSloError(
                    f'slo.yaml has no objective "{name}", which the mix of load/operations.py asks for; '
                    f"it has {', '.join(self.objectives)}"
                )
        return [self.objectives[name] for name in wanted]

    def profile(self, name: str) -> Sequence[Step]:
        """Return the steps of a profile. Raises BadSloError where there is none of that name."""
        if name not in self.profiles:
            raise BadSloError(f'there is no profile "{name}" in slo.yaml; there are {", ".join(self.profiles)}')
        return self.profiles[name]


def read(file: Path) -> Slo:
    """Return what a file says. Raises BadSloError."""
    top = parsed(file)
    load = top["load"]
    objectives = [_objective(entry) for entry in top["objectives"].items("name")]
    return Slo(
        objectives={objective.name: objective for objective in objectives},
        warm_up_seconds=load["warm_up_seconds"].number(or_zero=True),
        least_achieved=load["least_achieved"].share(),
        profiles={name: [_step(step) for step in steps.items()] for name, steps in load["profiles"].members()},
    )


def _objective(entry: Entry) -> Objective:
    return Objective(
        name=entry["name"].text(),
        method=entry["method"].text(),
        route=entry["route"].text(),
        p99_ms=entry["p99_ms"].number(),
        availability=entry["availability"].share(),
    )


def _step(entry: Entry) -> Step:
    return Step(entry["seconds"].number(), entry["requests_per_second"].number())
