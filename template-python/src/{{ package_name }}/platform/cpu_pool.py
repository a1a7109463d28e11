"""A bounded pool of processes for CPU-bound work, so that the event loop never does any."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from ctypes import c_bool
from functools import partial
from typing import Concatenate

from . import cpu_worker
from .admission import ShedError
from .cpu_worker import Checkpoint, WorkCancelledError
from .deadline import expires_at, too_late
from .logs import log
from .problem import RETRY_SOON, Problem


class CpuPool:
    """Runs jobs: so many at once, so many waiting; for more there is no room."""

    def __init__(self, workers: int, queue: int) -> None:
        """Prepare the pool; `start` makes its processes."""
        self._workers = workers
        self._places = list(range(workers + queue))
        self._capacity = workers + queue
        # Started afresh rather than forked: a fork would copy locks that other threads hold.
        self._processes = multiprocessing.get_context("spawn")
        self._cancelled = self._processes.RawArray(c_bool, self._capacity)
        self._executor = self._new_executor()

    @property
    def busy(self) -> int:
        """Jobs that are being run."""
        return min(self._workers, self._held)

    @property
    def queued(self) -> int:
        """Jobs that wait for a process."""
        return max(0, self._held - self._workers)

    @property
    def _held(self) -> int:
        return self._capacity - len(self._places)

    async def start(self) -> None:
        """Make the processes and wait until they answer."""
        await asyncio.gather(*(self.run(cpu_worker.nothing) for _ in range(self._workers)))

    async def run[**P, T](self, job: Callable[Concatenate[Checkpoint, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `job(checkpoint, *args, **kwargs)` in another process and return its result.

        The job ends early when the request is cancelled or its deadline passes, at its next call of `checkpoint`; only
        then is its place free again. Raises ShedError when there is no place.
        """
        if not self._places:
            raise ShedError("cpu_queue_full")
        place = self._places.pop()
        self._cancelled[place] = False
        try:
            running = self._submit(partial(cpu_worker.work, place, expires_at(), job, *args, **kwargs))
        except BaseException:
            self._places.append(place)
            raise
        loop = asyncio.get_running_loop()
        running.add_done_callback(lambda _: loop.call_soon_threadsafe(self._places.append, place))
        return await self._result(running, place)

    async def _result[T](self, running: Future[T], place: int) -> T:
        try:
            return await asyncio.wrap_future(running)
        except asyncio.CancelledError:
            self._cancelled[place] = True
            raise
        except WorkCancelledError:  # the worker saw the deadline pass a moment before the event loop did
            raise too_late() from None
        except BrokenProcessPool as error:
            raise Problem(503, "The computation was lost; try again.", headers=RETRY_SOON) from error

    def _submit[T](self, call: Callable[[], T]) -> Future[T]:
        try:
            return self._executor.submit(call)
        except BrokenProcessPool:
            log.exception("a process of the CPU pool died; starting new ones")
            self._executor.shutdown(wait=False)
            self._executor = self._new_executor()
            return self._executor.submit(call)

    async def stop(self) -> None:
        """End the processes; jobs that still run are cancelled."""
        for place in range(self._capacity):
            self._cancelled[place] = True
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)

    def _new_executor(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._workers, mp_context=self._processes, initializer=cpu_worker.begin, initargs=(self._cancelled,)
        )
