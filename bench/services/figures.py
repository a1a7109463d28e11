"""What is measured of the three services: in turns, round by round, and once at the end."""

import statistics
from collections.abc import Mapping
from typing import Any

from bench.data.measure import Service
from bench.peers.fetch import UnavailableError

from . import generator

Samples = dict[str, dict[str, list[float]]]  # by figure, by language, one of each round
Figures = dict[str, dict[str, float]]


def round_of(services: Mapping[str, Service], order: list[str], plan: Mapping[str, Any], samples: Samples) -> None:
    """Measure everything that is measured in rounds once, in the order given. Raises UnavailableError."""

    def found(figure: str, language: str, value: float) -> None:
        samples.setdefault(figure, {}).setdefault(language, []).append(value)

    for figure, turn in plan["turns"].items():
        for language in order:
            service, requests = services[language], turn["requests"][language]
            before = service.cpu_seconds()
            generator.closed(service.base, turn["operation"], requests, turn["concurrency"], plan["iterations"])
            found(figure, language, requests / (service.cpu_seconds() - before))
    rates = plan["rates"]
    for rate in rates["requests_per_second"]:
        for language in order:
            said = generator.arriving(services[language].base, rates["operation"], rate, rates["seconds"])
            _insist(language, said)
            for name in ("p50", "p99", "p999"):
                found(f"{name}_at_{rate}", language, said[name])
    beside = plan["beside_computation"]
    for language in order:
        base, rate, seconds = services[language].base, beside["requests_per_second"], beside["seconds"]
        alone = generator.arriving(base, beside["operation"], rate, seconds)
        with generator.computing(base, plan["turns"]["simulations_per_cpu_second"]["concurrency"], plan["iterations"]):
            busy = generator.arriving(base, beside["operation"], rate, seconds)
        _insist(language, busy)
        found("p99_without_computation", language, alone["p99"])
        found("p99_beside_computation", language, busy["p99"])
        found("beside_computation", language, busy["p99"] / alone["p99"])


def round_beside_reference(
    everyone: Mapping[str, Service], paths: Mapping[str, Mapping[str, str]], plan: Mapping[str, Any], samples: Samples
) -> None:
    """Measure once what one answer takes, of the services and of the reference: a path each, by figure.

    Raises UnavailableError.
    """
    for figure, by_name in paths.items():
        for name, service in everyone.items():
            requests, before = plan["requests"][name], service.cpu_seconds()
            generator.getting(service.base, by_name[name], requests, plan["concurrency"])
            samples.setdefault(figure, {}).setdefault(name, []).append(requests / (service.cpu_seconds() - before))


def medians(samples: Samples) -> Figures:
    """Return the median of the rounds."""
    return {
        figure: {who: statistics.median(values) for who, values in each.items()} for figure, each in samples.items()
    }


def memory_with(service: Service, connections: int) -> float:
    """Return the bytes it takes while so many connections are open and idle. Raises UnavailableError."""
    with generator.idle(service.base, connections):
        return service.memory()


def answers_beside(service: Service, connections: int, rate: float) -> float:
    """Return the p99 of reading an order while so many connections are open and idle. Raises UnavailableError."""
    with generator.idle(service.base, connections):
        said = generator.arriving(service.base, "read", rate, 3)
    _insist(service.name, said)
    return said["p99"]


def goodput(service: Service, plan: Mapping[str, Any], workers: int) -> dict[float, float]:
    """Return by how many times its capacity is offered, what it answers within a second, as a share of its capacity.

    Capacity is what clients get that wait for their answers, as many as there are workers. Raises UnavailableError.
    """
    iterations, seconds = plan["iterations"][service.name], plan["seconds"]
    few = generator.closed(service.base, plan["operation"], 2 * workers, workers, iterations)
    requests = max(4 * workers, int(2 * workers / few * seconds))
    capacity = requests / generator.closed(service.base, plan["operation"], requests, workers, iterations)
    return {
        times: generator.arriving(service.base, plan["operation"], times * capacity, seconds, iterations)["goodput"]
        / capacity
        for times in plan["times"]
    }


def _insist(who: str, said: Mapping[str, float]) -> None:
    """Refuse times that stand for few answers. Raises UnavailableError."""
    if said["right"] < 0.99 * said["offered"]:
        raise UnavailableError("fails", f"{who}: {said['right']:g} of {said['offered']:g} requests were answered right")
