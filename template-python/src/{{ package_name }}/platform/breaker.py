"""A circuit breaker: whoever failed too often is left alone for a while, and then asked once before all ask again.

Our own, since no kept library for asyncio lets exactly one call through to try.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

FAILURES: Final = 5
OPEN_SECONDS: Final = 2.0


class OpenError(Exception):
    """The circuit is open; nothing was called."""


class Breaker:
    """One circuit. It opens after FAILURES in a row, and a trial that succeeds OPEN_SECONDS later closes it."""

    def __init__(
        self, on_open: Callable[[], None], on_close: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin closed; the functions are called when that changes."""
        self.is_open = False
        self._on_open = on_open
        self._on_close = on_close
        self._clock = clock
        self._failures = 0
        self._next_trial = 0.0
        self._trying = False

    @contextmanager
    def call(self) -> Generator[None]:
        """Run the body as one call, or raise OpenError. Cancellation counts neither as success nor as failure."""
        is_trial = self._admit()
        try:
            yield
        except Exception:
            self._failed(is_trial=is_trial)
            raise
        else:
            self._succeeded(is_trial=is_trial)
        finally:
            if is_trial:
                self._trying = False

    def _admit(self) -> bool:
        """Tell whether this call is a trial; raise OpenError where it may not be made."""
        if not self.is_open:
            return False
        if self._trying or self._clock() < self._next_trial:
            raise OpenError
        self._trying = True
        return True

    # Calls that began before the circuit opened say nothing about what came after.

    def _failed(self, *, is_trial: bool) -> None:
        self._failures += 1
        if is_trial or (not self.is_open and self._failures >= FAILURES):
            self._next_trial = self._clock() + OPEN_SECONDS
            if not self.is_open:
                self.is_open = True
                self._on_open()

    def _succeeded(self, *, is_trial: bool) -> None:
        if is_trial or not self.is_open:
            self._failures = 0
            if self.is_open:
                self.is_open = False
                self._on_close()
