"""Jobs for the CPU pool, in a module that its processes can import."""

import os
from collections.abc import Callable

CHECKPOINT_EVERY = 10_000


def kill_this_process(_: object) -> None:
    """Die as a process that runs out of memory does."""
    os._exit(9)


def divide(_: object) -> float:
    """Fail."""
    return 1 / 0


def count(checkpoint: Callable[[], None], upto: int) -> int:
    """Count, and look from time to time whether anybody still wants to know."""
    counted = 0
    while counted < upto:
        if counted % CHECKPOINT_EVERY == 0:
            checkpoint()
        counted += 1
    return counted
