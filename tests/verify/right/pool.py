"""The pool for CPU-bound work: so many processes, a queue with an end, all others are refused."""

import asyncio
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import IO, cast

from .admission import OverloadedError
from .faults import planted

PROGRAM = Path(__file__).with_name("worker.py")
ENDLESS = 1_000_000


def cores() -> int:
    """Return how many cores this process may use."""
    if planted("B6-machine"):
        return os.cpu_count() or 1
    return 4 if planted("B6-fixed") else len(os.sched_getaffinity(0))


class Pool:
    """The workers. They start when there is something to do."""

    def __init__(self, workers: int, queue: int) -> None:
        """Start nobody yet."""
        self.workers = workers
        self._places = workers + (ENDLESS if planted("B3-endless") else 0 if planted("B3-stingy") else queue)
        self._threads = ThreadPoolExecutor(1 if planted("B3-serial") else workers)
        self._started = list[subprocess.Popen[str]]()
        self._idle = list[subprocess.Popen[str]]()
        self._lock = Lock()
        self._taken = 0

    @property
    def busy(self) -> int:
        """How many workers work."""
        return min(self._taken, self.workers)

    @property
    def queued(self) -> int:
        """How many jobs wait."""
        return max(0, self._taken - self.workers)

    async def compute(self, amount: int) -> str:
        """Return the result of so much work. Raises OverloadedError."""
        with self._lock:
            if self._taken >= self._places:
                raise OverloadedError
            self._taken += 1
        job = self._threads.submit(self._compute, amount)
        job.add_done_callback(self._done)
        if planted("B2-loop"):
            await asyncio.sleep(0.05)
            return job.result()
        return await asyncio.wrap_future(job)

    async def idle(self) -> None:
        """Wait until a worker has nothing to do; right services have no need of that."""
        for _ in range(100):
            if self.busy < self.workers:
                return
            await asyncio.sleep(0.05)

    def _done(self, _: Future[str]) -> None:
        with self._lock:
            self._taken -= 1

    def _compute(self, amount: int) -> str:
        worker = self._idle.pop() if self._idle else self._start()
        asked, answers = cast("IO[str]", worker.stdin), cast("IO[str]", worker.stdout)
        asked.write(f"{amount}\n")
        asked.flush()
        result = answers.readline().strip()
        self._idle.append(worker)
        return result

    def _start(self) -> subprocess.Popen[str]:
        words = [sys.executable, "-S", str(PROGRAM)]
        worker = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._started.append(worker)
        return worker

    def close(self) -> None:
        """End the workers, whatever they do."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._started:
            worker.kill()
            worker.wait()
