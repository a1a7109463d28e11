"""A scrape of `/metrics` of a service that Trivium rendered: figures since its start."""

import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from trivium.errors import UserError
from trivium.exposition import Sample, samples

DURATION = "http_server_request_duration_seconds"  # OpenTelemetry's semantic conventions, the same in each language
MEMORY = ("process_resident_memory_bytes", "jvm_memory_committed_bytes")  # the first that is there
CPU = "process_cpu_seconds_total"
STARTED, UPTIME = "process_start_time_seconds", "process_uptime_seconds"
P99 = 0.99


def read(text: str, scraped_at: float) -> dict[str, float]:
    """Return the figures of a scrape that was made at that time (Unix seconds). Raises UserError."""
    try:
        found = list(samples(text))
    except ValueError as error:
        raise UserError(f"The scrape has {error}; it must be the text that /metrics answers.") from error
    totals: dict[str, float] = defaultdict(float)
    for name, _, value in found:
        totals[name] += value
    if f"{DURATION}_count" not in totals:
        raise UserError(f"The scrape has no {DURATION}; take the /metrics page of a service that Trivium rendered.")
    figures = {"requests": totals[f"{DURATION}_count"]}
    if figures["requests"]:
        figures["mean"] = totals[f"{DURATION}_sum"] / figures["requests"]
    if (seconds := totals.get(UPTIME) or scraped_at - totals.get(STARTED, math.inf)) > 0:
        figures["seconds"] = seconds
    if CPU in totals:
        figures["cpu"] = totals[CPU]
    if memory := next((totals[name] for name in MEMORY if name in totals), 0.0):
        figures["memory"] = memory
    if (p99 := quantile(P99, found)) is not None:
        figures["p99"] = p99
    return figures


def quantile(share: float, found: Iterable[Sample]) -> float | None:
    """Return a quantile of the durations of all routes, as Prometheus' histogram_quantile() finds it.

    None where there is no histogram, or where the quantile lies above its last bound.
    """
    counts: dict[float, float] = defaultdict(float)
    for name, labels, value in found:
        if name == f"{DURATION}_bucket":
            counts[float(labels["le"])] += value
    bounds = sorted(counts)
    if not bounds or not counts[bounds[-1]]:
        return None
    rank = share * counts[bounds[-1]]
    for lower, upper in pairwise([0.0, *bounds]):
        below = counts.get(lower, 0.0)
        if counts[upper] >= rank:
            return None if math.isinf(upper) else lower + (upper - lower) * (rank - below) / (counts[upper] - below)
    return None
