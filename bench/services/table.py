"""The tables of `make bench-services` as Markdown."""

from collections.abc import Mapping

from bench import readme

from . import reference
from .figures import Figures

MEGABYTE = 1e6
LANGUAGES = {"python": "Python", "go": "Go", "java": "Java"}
# figure, in words, factor, digits
ROWS = [
    ("quotes_per_cpu_second", "quotes (waiting for 3 suppliers), requests per CPU-second", 1, 0),
    ("simulations_per_cpu_second", "simulations (computing), requests per CPU-second", 1, 0),
    ("p50_at_100", "reading an order at 100 requests a second: p50, ms", 1e3, 1),
    ("p99_at_100", "p99, ms", 1e3, 1),
    ("p999_at_100", "p99.9, ms", 1e3, 1),
    ("p99_beside_computation", "listing orders while all CPU workers compute: p99, ms", 1e3, 1),
    ("memory_idle", "memory when idle, MB", 1 / MEGABYTE, 0),
    ("memory_loaded", "memory after a load, MB", 1 / MEGABYTE, 0),
    ("memory_per_1000_connections", "more for 1,000 idle connections, MB", 1 / MEGABYTE, 1),
    ("p99_beside_connections", "reading an order beside 10,000 idle connections: p99, ms", 1e3, 1),
    ("seconds_to_ready", "from the start until ready, s", 1, 2),
    ("artefact_bytes", "size of what is deployed, MB", 1 / MEGABYTE, 0),
    ("seconds_to_build", "build with dependencies there and caches empty, s", 1, 0),
]
TARGETS = {
    "beside_computation": "p99 of listing orders, CPU workers busy ÷ idle",
    "start_with_cache": "start with the cache of classes ÷ without",
}
BESIDE = {
    "livez_per_cpu_second": "liveness, requests per CPU-second",
    "reads_per_cpu_second": "reading an order (a query), requests per CPU-second",
}
OVERLOAD = "goodput_at_"


def figures(found: Figures) -> str:
    """Return the figures, a language a column, each with its ratio to the least."""
    rows = [["", *LANGUAGES.values()], ["---"] * (len(LANGUAGES) + 1)]
    for figure, words, factor, digits in ROWS:
        least = min(found[figure].values())
        cells = [
            f"{found[figure][who] * factor:.{digits}f} ({found[figure][who] / least:.1f})"
            if least > 0
            else f"{found[figure][who] * factor:.{digits}f}"
            for who in LANGUAGES
        ]
        rows.append([words, *cells])
    return readme.table(rows)


def concurrency(found: Figures, targets: Mapping[str, float]) -> str:
    """Return what the project asks of every language, a missed target said."""
    rows = [["", *LANGUAGES.values()], ["---"] * (len(LANGUAGES) + 1)]
    for figure, words in TARGETS.items():
        cells = [_held(found[figure].get(who), targets[figure]) for who in LANGUAGES]
        rows.append([f"{words} (target ≤ {targets[figure]:g})", *cells])
    for figure in sorted((each for each in found if each.startswith(OVERLOAD)), key=_times):
        cells = [f"{value:.0%}" for value in _row(found, figure)]
        rows.append([f"goodput at {_times(figure):g} times the capacity, of the capacity", *cells])
    return readme.table(rows)


def beside_reference(found: Figures) -> str:
    """Return what the services answer beside nginx, with their shares of it."""
    rows = [["", *LANGUAGES.values(), reference.NAME], ["---"] * (len(LANGUAGES) + 2)]
    for figure, words in BESIDE.items():
        shares = reference.shares(found[figure])
        cells = [f"{found[figure][who]:.0f} ({shares[who]:.2g})" for who in LANGUAGES]
        rows.append([words, *cells, f"{found[figure][reference.NAME]:.0f}"])
    return readme.table(rows)


def _held(value: float | None, most: float) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}{'' if value <= most else ' MISSED'}"


def _times(figure: str) -> float:
    return float(figure.removeprefix(OVERLOAD))


def _row(found: Figures, figure: str) -> list[float]:
    return [found[figure][who] for who in LANGUAGES]


def ratio(found: Figures, figure: str) -> Mapping[str, float]:
    """Return a figure of each language as a ratio to the least."""
    least = min(found[figure].values())
    return {who: value / least for who, value in found[figure].items()}
