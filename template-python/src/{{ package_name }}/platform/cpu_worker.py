"""The side of the CPU pool that runs in a process of its own. It imports little, so that a worker starts fast."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from ctypes import Array, c_bool
from typing import ClassVar, Concatenate, Final, NamedTuple

# When cores are scarce, the event loop and the probes go first.
NICENESS: Final = 5
# A process group's signal is for the service, which then ends its workers.
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

type Checkpoint = Callable[[], None]
"""Raises WorkCancelledError when nobody waits for the result any more; a job calls it every few milliseconds."""


class WorkCancelledError(Exception):
    """The job was cancelled, or its deadline has passed."""


class Flags(NamedTuple):
    """What the service and its workers tell each other in shared memory, for each place of the pool."""

    cancelled: Array[c_bool]
    started: Array[c_bool]


class _Worker:
    flags: ClassVar[Flags]


def begin(flags: Flags) -> None:
    """Prepare this process."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    os.nice(NICENESS)
    _Worker.flags = flags
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the service is gone: killed, it cannot tell us, and we would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def work[**P, T](
    place: int, expires_at: float, job: Callable[Concatenate[Checkpoint, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a job. `expires_at` is on the clock of `time.monotonic`, which all processes of a machine share."""

    def checkpoint() -> None:
        if _Worker.flags.cancelled[place] or time.monotonic() > expires_at:
            raise WorkCancelledError

    checkpoint()
    _Worker.flags.started[place] = True
    return job(checkpoint, *args, **kwargs)


def nothing(_: Checkpoint) -> None:
    """Do nothing: the job that makes the pool start its processes."""
