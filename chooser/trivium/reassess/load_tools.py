"""Reports of the load tests of rendered services as JSON: k6 (Go) and Locust (Python).

Gatling (Java) writes its figures into pages for people and a log for itself only; there the scrape has to do.
"""

from collections.abc import Callable, Mapping
from typing import Any

MS = 1000


def k6(report: Any) -> dict[str, float]:
    """Read what `k6 run --summary-export FILE` writes, or handleSummary()'s data."""
    metrics = {name: metric.get("values", metric) for name, metric in report["metrics"].items()}
    requests, took = metrics["http_reqs"], metrics["http_req_duration"]
    figures = {"requests": requests["count"], "rate": requests["rate"], "mean": took["avg"] / MS}
    if "p(99)" in took:  # with --summary-trend-stats only
        figures["p99"] = took["p(99)"] / MS
    return figures


def locust(report: Any) -> dict[str, float]:
    """Read what `locust --json-file NAME` writes: the times of each request, rounded, and how often each was met."""
    requests = sum(entry["num_requests"] for entry in report)
    began, ended = min(e["start_time"] for e in report), max(e["last_request_timestamp"] for e in report)
    figures: dict[str, float] = {"requests": requests, "seconds": ended - began}
    if requests:
        figures["mean"] = sum(entry["total_response_time"] for entry in report) / requests / MS
        times = sorted((float(ms), count) for entry in report for ms, count in entry["response_times"].items())
        figures["p99"] = _at(0.99 * requests, times) / MS
    return figures


# How a report of each is known, and read.
TOOLS: Mapping[str, tuple[Callable[[Any], bool], Callable[[Any], dict[str, float]]]] = {
    "k6": (lambda report: isinstance(report, dict) and "http_reqs" in report.get("metrics", {}), k6),
    "Locust": (lambda report: isinstance(report, list) and bool(report) and "response_times" in report[0], locust),
}


def _at(rank: float, times: list[tuple[float, int]]) -> float:
    """Return the time that so many requests took no longer than."""
    seen = 0
    for milliseconds, count in times:
        seen += count
        if seen >= rank:
            return milliseconds
    return times[-1][0]
