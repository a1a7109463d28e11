"""Offering load: closed, to find what a service can do, and open, to see what it does beyond that."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .wire import Answer, NoAnswerError

Result = Answer | NoAnswerError
REFUSALS = {503, 429}  # for now


@dataclass
class Load:
    """What came of an offered load."""

    seconds: float
    results: list[tuple[float, Result]] = field(default_factory=list)  # when sent, since the beginning; what came back

    def good(self, within: float) -> list[Result]:
        """Return the successes that came within so many seconds."""
        return [result for _, result in self.results if result.ok and result.seconds <= within]

    def shed(self) -> list[Answer]:
        """Return the answers that refuse for now (503 or 429)."""
        return [r for _, r in self.results if isinstance(r, Answer) and r.status in REFUSALS]

    def goodput(self, within: float) -> float:
        """Return the successes a second."""
        return len(self.good(within)) / self.seconds


def closed(send: Callable[[], Result], clients: int, seconds: float) -> Load:
    """Let so many clients send one request after another."""
    load = Load(seconds)
    begun = time.monotonic()

    def client() -> None:
        while (now := time.monotonic() - begun) < seconds:
            result = send()
            if time.monotonic() - begun <= seconds:
                load.results.append((now, result))

    _together([threading.Thread(target=client, daemon=True) for _ in range(clients)], seconds + 15)
    return load


def opened(send: Callable[[], Result], rate: float, seconds: float) -> Load:
    """Send at a constant rate, whatever comes back."""
    load = Load(seconds)
    begun = time.monotonic()

    def one(due: float) -> None:
        load.results.append((due, send()))

    threads = []
    for number in range(int(rate * seconds)):
        due = number / rate
        time.sleep(max(0.0, begun + due - time.monotonic()))
        threads.append(threading.Thread(target=one, args=(due,), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join(15)
    return load


def _together(threads: list[threading.Thread], seconds: float) -> None:
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
