"""The figures that reports give, all in seconds, bytes and requests."""

from collections.abc import Mapping

Figures = Mapping[str, float]
"""By the names that chooser/measured.yml explains, and what they are made of: requests, seconds, mean, cpu."""
LARGE = 1000


def completed(known: Figures) -> dict[str, float]:
    """Return figures with those that follow from others."""
    figures = dict(known)
    for name, one, other in (("rate", "requests", "seconds"), ("cpu_per_request", "cpu", "requests")):
        if name not in figures and one in figures and figures.get(other):
            figures[name] = figures[one] / figures[other]
    if {"rate", "mean"} <= set(figures):
        figures["concurrency"] = figures["rate"] * figures["mean"]
    if "cpu_per_request" in figures and figures.get("mean"):
        figures["cpu_share"] = min(1.0, figures["cpu_per_request"] / figures["mean"])
    return figures


def shown(name: str, value: float) -> str:
    """Return a figure as people read it, with its unit."""
    match name:
        case "rate":
            return f"{_number(value)} requests/s"
        case "concurrency":
            return f"{_number(value)} requests at a time"
        case "cpu_share":
            return f"{value:.0%} of the time of a request"
        case "cpu_per_request":
            return f"{_number(value * 1000)} ms of the processor a request"
        case "memory":
            return f"{value / 2**20:.0f} MiB"
        case _:
            return f"{_number(value * 1000)} ms"


def _number(value: float) -> str:
    """Return three digits of a small number, and all those before the point of a large one."""
    return f"{value:.0f}" if value >= LARGE else f"{value:.3g}"
