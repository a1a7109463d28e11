"""Jobs for the CPU pool, in a module that its processes can import."""

import os


def kill_this_process(_: object) -> None:
    """Die as a process that runs out of memory does."""
    os._exit(9)


def divide(_: object) -> float:
    """Fail."""
    return 1 / 0
