"""Estimates pi by drawing points with xorshift64* (S. Vigna, ACM Trans. Math. Softw. 42, 2016)."""

from collections.abc import Callable
from typing import Final

# Rarely enough to cost nothing, often enough that a cancelled simulation ends within some ten milliseconds.
ITERATIONS_BETWEEN_CHECKPOINTS: Final = 10_000


def count_inside(checkpoint: Callable[[], None], iterations: int, seed: int) -> int:
    """Return how many of `iterations` random points of the unit square lie within the quarter circle.

    Each point takes two draws. The draw is written out twice, since a call would double the time.
    """
    state, inside = seed, 0
    mask, multiplier, scale = 0xFFFFFFFFFFFFFFFF, 0x2545F4914F6CDD1D, 2.0**-53
    for begin in range(0, iterations, ITERATIONS_BETWEEN_CHECKPOINTS):
        checkpoint()
        for _ in range(min(ITERATIONS_BETWEEN_CHECKPOINTS, iterations - begin)):
            state ^= state >> 12
            state ^= state << 25 & mask
            state ^= state >> 27
            x = ((state * multiplier & mask) >> 11) * scale
            state ^= state >> 12
            state ^= state << 25 & mask
            state ^= state >> 27
            y = ((state * multiplier & mask) >> 11) * scale
            if x * x + y * y <= 1.0:
                inside += 1
    return inside
