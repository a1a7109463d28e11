"""Work that goes on after its request was answered, until it is done or the service has to stop."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from .deadline import without_deadline


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is not done yet."""

    id: str
    state: Callable[[], str]
    began: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """How long it has been going on, in seconds."""
        return time.monotonic() - self.began


class Background:
    """The jobs that are not done yet. What starts one has to bound their number; see cpu_pool.py."""

    def __init__(self) -> None:
        """Begin with none."""
        self._jobs: dict[asyncio.Task[None], Job] = {}

    def start(self, work: Coroutine[None, None, None], job: Job) -> None:
        """Begin with a job; the deadline of its request does not bind it, the trace goes on."""
        task = asyncio.create_task(work, context=without_deadline())
        self._jobs[task] = job
        task.add_done_callback(self._jobs.pop)

    async def finish(self, seconds: float) -> list[Job]:
        """Give the jobs that long, cancel those that are left, and return these."""
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=seconds)
        left = dict(self._jobs)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return list(left.values())
