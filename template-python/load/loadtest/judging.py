"""The verdict: each limit of slo.yaml beside what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .slo import Objective
from .tally import Tally

ROUNDING = 1e-9  # 1 - 0.9 is a little less than 0.1


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit, and whether it was kept."""

    kept: bool
    words: str

    def __str__(self) -> str:
        """Return a line of the verdict."""
        return f"{'ok    ' if self.kept else 'BROKEN'} {self.words}"


def judge(tally: Tally, objectives: Sequence[Objective], least_achieved: float) -> Iterator[Limit]:
    """Go through every limit."""
    for objective in objectives:
        latencies = tally.of(objective.name)
        if latencies.requests:
            p99 = latencies.percentile(0.99)
            yield Limit(p99 <= objective.p99_ms, f"{objective.name} p99 {p99:g} ms, at most {objective.p99_ms:g} ms")
            failed, most = latencies.failed / latencies.requests, 1 - objective.availability
            words = f"{objective.name} failed {_percent(failed)}, at most {_percent(most)}"
            yield Limit(failed <= most + ROUNDING, words)
    achieved = tally.answered / tally.offered if tally.offered else 0.0
    words = f"{tally.answered} of {tally.offered} requests offered ({_percent(achieved)})"
    kept = bool(tally.offered) and achieved >= least_achieved - ROUNDING
    yield Limit(kept, f"achieved {words}, at least {_percent(least_achieved)}")


def overview(tally: Tally) -> Iterator[str]:
    """Go through the operations: how often each was asked for, and how it answered."""
    for name, latencies in sorted(tally.operations.items()):
        shares = " ".join(f"p{100 * share:g} {latencies.percentile(share):g} ms" for share in (0.5, 0.99, 0.999))
        yield f"       {name} {latencies.requests} requests, {latencies.failed} failed, {shares}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
