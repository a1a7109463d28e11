"""What tests must not leave behind, and must not do: a task that goes on, an event loop that is held up."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

HELD_UP_SECONDS = 1.0
# Linux tells there for how many nanoseconds each thread has run, and for how many it was ready and had no processor.
THREADS = Path("/proc/self/task")
BETWEEN_SECONDS = 0.1


@asynccontextmanager
async def no_task_is_left() -> AsyncGenerator[None]:
    """Fail when a task goes on."""
    yield
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"left behind: {left}"


@contextmanager
def no_callback_is_slow() -> Generator[None]:
    """Fail when something holds up an event loop.

    asyncio's debug mode tells of slow callbacks, too; but on a busy machine any may be one. What has a fault is what
    computes or sleeps for long: not what waits for a processor, or for a thread of ours that does.
    """
    watch = _Watch(vars(asyncio.Handle)["_run"])

    def run(handle: asyncio.Handle) -> None:
        watch.run(handle)

    with patch.object(asyncio.Handle, "_run", run):
        yield
    assert not watch.slow, watch.slow


def waited_by_thread() -> Mapping[str, float]:
    """Return for how many seconds each thread was ready and had no processor; nothing where nobody counts that."""
    waited = dict[str, float]()
    for thread in THREADS.iterdir() if THREADS.exists() else ():
        with suppress(OSError):  # it has just ended
            waited[thread.name] = int((thread / "schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    return waited


class _Watch:
    """Runs the callbacks of event loops, and keeps which of them were slow."""

    def __init__(self, run: Callable[[asyncio.Handle], Any]) -> None:
        self.slow = list[str]()
        self._run = run
        self._look()

    def run(self, handle: asyncio.Handle) -> None:
        if time.monotonic() - self._looked_at > BETWEEN_SECONDS:
            self._look()
        began, before = time.monotonic(), self._waited
        self._run(handle)
        if time.monotonic() - began > HELD_UP_SECONDS:
            self._look()
            waited = sum(max(0.0, seconds - before.get(thread, 0.0)) for thread, seconds in self._waited.items())
            took = self._looked_at - began - waited
            if took > HELD_UP_SECONDS:
                self.slow.append(f"{handle} took {took:.3f} seconds")

    def _look(self) -> None:
        looked = False
        while not looked:  # once more where we had to wait while we looked: time and waits would not fit together
            self._looked_at = time.monotonic()
            self._waited = waited_by_thread()
            looked = time.monotonic() - self._looked_at < BETWEEN_SECONDS
