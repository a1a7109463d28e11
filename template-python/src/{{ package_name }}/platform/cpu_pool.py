"""A bounded pool of processes for CPU-bound work, so that the event loop never does any."""

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from ctypes import Array, c_bool
from functools import partial
from typing import Any, Concatenate, Final

from . import cpu_worker
from .admission import ShedError
from .cpu_worker import Checkpoint, WorkCancelledError
from .deadline import expires_at, too_late
from .logs import log

# How long the processes may take to end by themselves.
STOP_SECONDS: Final = 1.0


class Work[T]:
    """A job that has its place in the pool."""

    def __init__(self, running: Future[T], place: int, flags: cpu_worker.Flags) -> None:
        """Follow a job by what its process tells."""
        self._running = running
        self._place = place
        self._flags = flags

    @property
    def started(self) -> bool:
        """Whether a process works on it; asked before its end only, for the next job gets its place."""
        return self._flags.started[self._place]

    async def result(self) -> T:
        """Return what came out; to be cancelled here ends the job. BrokenProcessPool says that its process died."""
        try:
            return await asyncio.wrap_future(self._running)
        except asyncio.CancelledError:
            self._flags.cancelled[self._place] = True
            raise
        except WorkCancelledError:  # the worker saw the deadline pass a moment before the event loop did
            raise too_late() from None


class CpuPool:
    """Runs jobs: so many at once, so many waiting; for more there is no room."""

    def __init__(self, workers: int, queue: int) -> None:
        """Prepare the pool; `start` makes its processes."""
        self.workers = workers
        self._places = list(range(workers + queue))
        self._capacity = workers + queue
        # Started afresh rather than forked: a fork would copy locks that other threads hold.
        self._processes = multiprocessing.get_context("spawn")
        self._flags = cpu_worker.Flags(self._new_flags(), self._new_flags())
        self._executor = self._new_executor()

    @property
    def busy(self) -> int:
        """Jobs that are being run."""
        return min(self.workers, self._held)

    @property
    def queued(self) -> int:
        """Jobs that wait for a process."""
        return max(0, self._held - self.workers)

    @property
    def _held(self) -> int:
        return self._capacity - len(self._places)

    async def start(self) -> None:
        """Make the processes and wait until they answer."""
        await asyncio.gather(*(self.run(cpu_worker.nothing) for _ in range(self.workers)))

    async def run[**P, T](self, job: Callable[Concatenate[Checkpoint, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `job(checkpoint, *args, **kwargs)` in another process and return its result.

        The job ends early when the request is cancelled or its deadline passes, at its next call of `checkpoint`; only
        then is its place free again. Raises ShedError when there is no place.
        """
        return await self.begin(expires_at(), job, *args, **kwargs).result()

    def begin[**P, T](
        self, ends_at: float, job: Callable[Concatenate[Checkpoint, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Work[T]:
        """Take a place for a job that ends at that time of `time.monotonic`, infinity included, and return at once."""
        if not self._places:
            raise ShedError("cpu_queue_full")
        place = self._places.pop()
        self._flags.cancelled[place] = self._flags.started[place] = False
        try:
            running = self._submit(partial(cpu_worker.work, place, ends_at, job, *args, **kwargs))
        except BaseException:
            self._places.append(place)
            raise
        loop, executor = asyncio.get_running_loop(), self._executor
        running.add_done_callback(lambda done: loop.call_soon_threadsafe(self._on_end, done, place, executor))
        return Work(running, place, self._flags)

    def _submit[T](self, call: Callable[[], T]) -> Future[T]:
        """Submit a job. A process started for it has the stop signals blocked until it ignores them."""
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, cpu_worker.STOP_SIGNALS)
        try:
            return self._executor.submit(call)
        except BrokenProcessPool:  # a process has died a moment ago
            self._renew()
            return self._executor.submit(call)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _on_end(self, done: Future[Any], place: int, executor: ProcessPoolExecutor) -> None:
        self._places.append(place)
        is_broken = not done.cancelled() and isinstance(done.exception(), BrokenProcessPool)
        if is_broken and executor is self._executor:
            self._renew()

    def _renew(self) -> None:
        """Replace all processes after the death of one: they ignore SIGTERM, which the executor would end them by."""
        log.error("a process of the CPU pool died; starting new ones")
        self._kill_processes()
        self._executor.shutdown(wait=False)
        self._executor = self._new_executor()

    async def stop(self) -> None:
        """End the processes; jobs that still run are cancelled."""
        for place in range(self._capacity):
            self._flags.cancelled[place] = True
        ending = asyncio.create_task(asyncio.to_thread(self._executor.shutdown, cancel_futures=True))
        await asyncio.wait({ending}, timeout=STOP_SECONDS)
        # An executor that has lost a process waits for the others, which ignore the signal that it ends them by.
        self._kill_processes()
        await ending

    @staticmethod
    def _kill_processes() -> None:
        for process in multiprocessing.active_children():
            process.kill()

    def _new_flags(self) -> Array[c_bool]:
        return self._processes.RawArray(c_bool, self._capacity)

    def _new_executor(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers, mp_context=self._processes, initializer=cpu_worker.begin, initargs=(self._flags,)
        )
