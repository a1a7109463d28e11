"""Whether the machine has nothing else to do: what is measured on a busy one is not published."""

import psutil
from bench.peers.fetch import UnavailableError

SECONDS = 3.0
MOST = 15.0  # percent of all cores that others may take


def insist() -> None:
    """Wait a moment and watch. Raises UnavailableError when others take the processor."""
    busy = psutil.cpu_percent(SECONDS)
    if busy > MOST:
        raise UnavailableError(
            "too busy",
            f"The machine is too busy to measure: others take {busy:.0f} % of it, at most {MOST:.0f} % may be. "
            "Try again when it is quiet.",
        )
