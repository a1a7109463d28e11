"""What is measured of requests, by the semantic conventions, and the page that Prometheus reads."""

from collections.abc import Iterable, Mapping

from .faults import planted

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
OWN_BUCKETS = (0.1, 1, 10)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
DURATION = "http_server_request_duration_seconds"
Labels = tuple[tuple[str, str], ...]


class Durations:
    """One histogram of how long requests took, for each method, route and status."""

    def __init__(self) -> None:
        """Be empty."""
        self._buckets = OWN_BUCKETS if planted("G4-buckets") else BUCKETS
        self._counts = dict[Labels, list[int]]()
        self._sums = dict[Labels, float]()

    def observe(self, method: str, route: str, path: str, status: int, seconds: float) -> None:
        """Count one request."""
        known = method if method in METHODS or planted("G4-methods") else "_OTHER"
        names = ("method", "status") if planted("G4-labels") else ("http_request_method", "http_response_status_code")
        labels: Labels = (
            (names[0], known),
            (names[1], str(status)),
            ("http_route", path if planted("G4-paths") else "" if planted("G4-routes") else route),
        )
        counts = self._counts.setdefault(labels, [0] * (len(self._buckets) + 1))
        for at, limit in enumerate((*self._buckets, float("inf"))):
            counts[at] += seconds <= limit
        self._sums[labels] = self._sums.get(labels, 0.0) + seconds

    def lines(self) -> Iterable[str]:
        """Return what the page says of it."""
        if planted("G4-absent"):
            return
        yield f"# TYPE {DURATION} histogram"
        for labels, counts in list(self._counts.items()):
            own = ",".join(f'{name}="{value}"' for name, value in labels)
            for limit, count in zip((*self._buckets, "+Inf"), counts, strict=True):
                yield f'{DURATION}_bucket{{{own},le="{limit}"}} {count}'
            yield f"{DURATION}_sum{{{own}}} {self._sums[labels]}"
            yield f"{DURATION}_count{{{own}}} {counts[-1]}"


def page(durations: Durations, figures: Mapping[str, float]) -> str:
    """Return the page: the histogram, and figures that stand for themselves."""
    lines = list(durations.lines())
    for name, value in figures.items():
        lines += [f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}", f"{name} {value:g}"]
    return "\n".join(lines) + "\n"
