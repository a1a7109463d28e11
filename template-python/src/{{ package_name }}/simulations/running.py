"""Runs simulations in the CPU pool: while the client waits, or in the background, where it may ask for them later."""

import math
import uuid
from collections import deque
from dataclasses import dataclass
from typing import Final

from ..platform.background import Background, Job
from ..platform.cpu_pool import CpuPool, Work
from ..platform.logs import log
from .model import JobId, JobState, NewSimulation, Simulation, SimulationJob
from .xorshift import count_inside

MOST_RESULTS: Final = 1000


@dataclass(slots=True)
class _Begun:
    """A simulation in the background."""

    id: JobId
    work: Work[int]
    ended: JobState | None = None
    result: Simulation | None = None

    def state(self) -> JobState:
        return self.ended or ("running" if self.work.started else "queued")


class Simulations:
    """All simulations. The results of the last ones in the background are kept, in memory."""

    def __init__(self, pool: CpuPool, background: Background) -> None:
        """Run them in `pool`, whose places bound their number."""
        self._pool = pool
        self._background = background
        self._begun: dict[JobId, _Begun] = {}
        self._ended: deque[JobId] = deque()

    async def run(self, new: NewSimulation) -> Simulation:
        """Run a simulation under the deadline of the request."""
        inside = await self._pool.run(count_inside, new.iterations, new.seed)
        return _simulation(_new_id(), new, inside)

    def begin(self, new: NewSimulation) -> SimulationJob:
        """Begin with a simulation that nobody waits for. Raises ShedError when there is no room."""
        begun = _Begun(_new_id(), self._pool.begin(math.inf, count_inside, new.iterations, new.seed))
        self._begun[begun.id] = begun
        self._background.start(self._follow(begun, new), Job(begun.id, begun.state))
        return SimulationJob(id=begun.id, state="queued", result=None)

    def find(self, job_id: JobId) -> SimulationJob | None:
        """Tell how far a simulation is, or None when there is none of that id."""
        begun = self._begun.get(job_id)
        return SimulationJob(id=begun.id, state=begun.state(), result=begun.result) if begun else None

    async def _follow(self, begun: _Begun, new: NewSimulation) -> None:
        try:
            begun.result = _simulation(begun.id, new, await begun.work.result())
            begun.ended = "done"
        except Exception:
            begun.ended = "failed"
            log.exception("simulation failed", extra={"id": begun.id})
        self._ended.append(begun.id)
        if len(self._ended) > MOST_RESULTS:
            del self._begun[self._ended.popleft()]


def _new_id() -> JobId:
    return JobId(str(uuid.uuid4()))


def _simulation(job_id: JobId, new: NewSimulation, inside: int) -> Simulation:
    estimate = 4 * inside / new.iterations
    return Simulation(id=job_id, iterations=new.iterations, seed=new.seed, inside=inside, estimate=estimate)
