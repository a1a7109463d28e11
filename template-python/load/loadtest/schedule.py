"""When each request is due, and which operation it is: planned ahead, so that no answer can hold back the next one."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .slo import Step


class Arrival(NamedTuple):
    """A request that is due."""

    seconds: float  # after the begin of the run
    measured: bool  # false in the warm-up


@dataclass(frozen=True, slots=True)
class Schedule:
    """The warm-up, at the rate of the first step, and then the steps of a profile."""

    warm_up_seconds: float
    steps: Sequence[Step]

    @property
    def seconds(self) -> float:
        """How long requests arrive."""
        return self.warm_up_seconds + sum(step.seconds for step in self.steps)

    def arrivals(self, index: int = 0, count: int = 1) -> Iterator[Arrival]:
        """Go through every arrival; one of `count` senders takes each `count`th, from its own `index` on."""
        return itertools.islice(self._all(), index, None, count)

    def _all(self) -> Iterator[Arrival]:
        begin = 0.0
        for number, step in enumerate((Step(self.warm_up_seconds, self.steps[0].requests_per_second), *self.steps)):
            for arrival in range(math.ceil(step.seconds * step.requests_per_second)):
                yield Arrival(begin + arrival / step.requests_per_second, number > 0)
            begin += step.seconds


def spread(weights: Mapping[str, int]) -> Sequence[str]:
    """Return each name as often as its weight says, each as evenly over the whole as the others allow."""
    places = [((number + 0.5) / weight, name) for name, weight in weights.items() for number in range(weight)]
    return [name for _, name in sorted(places)]
