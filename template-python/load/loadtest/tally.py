"""What happened in a run: how many requests were offered and answered, and how long each operation took."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TENTHS = 10  # of a millisecond: as exactly as latencies are kept


@dataclass
class Latencies:
    """The latencies of one operation, and how many of its requests failed."""

    failed: int = 0
    tenths: Counter[int] = field(default_factory=Counter[int])  # rounded up, so that none looks faster than it was

    @property
    def requests(self) -> int:
        """How many there were."""
        return self.tenths.total()

    def add(self, seconds: float, *, failed: bool) -> None:
        """Count a request."""
        self.tenths[math.ceil(round(seconds * 1000 * TENTHS, 3))] += 1
        self.failed += failed

    def percentile(self, share: float) -> float:
        """Return the milliseconds within which that share of the requests was answered."""
        rank = math.ceil(round(share * self.requests, 6))
        for tenths in sorted(self.tenths):
            rank -= self.tenths[tenths]
            if rank <= 0:
                return tenths / TENTHS
        return 0.0


@dataclass
class Tally:
    """The counts of a run, or of a part of one; the warm-up is in none of them."""

    offered: int = 0
    answered: int = 0
    operations: dict[str, Latencies] = field(default_factory=dict[str, Latencies])

    def of(self, objective: str) -> Latencies:
        """Return the latencies of an operation."""
        return self.operations.setdefault(objective, Latencies())

    @property
    def failed(self) -> int:
        """How many requests failed."""
        return sum(latencies.failed for latencies in self.operations.values())

    def take(self) -> Mapping[str, Any]:
        """Return what was counted, in a form that can be sent, and begin anew."""
        operations = {name: [one.failed, dict(one.tenths)] for name, one in self.operations.items()}
        taken = {"offered": self.offered, "answered": self.answered, "operations": operations}
        self.offered, self.answered, self.operations = 0, 0, {}
        return taken

    def add(self, taken: Mapping[str, Any]) -> None:
        """Add what another one counted."""
        self.offered += taken["offered"]
        self.answered += taken["answered"]
        for name, (failed, tenths) in taken["operations"].items():
            latencies = self.of(name)
            latencies.failed += failed
            latencies.tenths.update(tenths)
