"""Calls to a supplier: a time-out, one further attempt within a budget, a circuit breaker, the deadline passed on."""

import asyncio
import json
import random
from urllib.parse import urlsplit

from .configuration import Configuration
from .faults import planted
from .log import log

FAILURES, OPEN_SECONDS = 5, 1.0  # in a row until the breaker opens, and how long it then stays open
FIRST_TOKENS, MOST_TOKENS, TOKENS_EARNED = 2.0, 5.0, 0.1  # further attempts; a request earns a tenth of one


class SupplierError(Exception):
    """A call that failed: the status of the answer, and whether the supplier was silent or away."""

    def __init__(self, status: int, said: str = "", *, silent: bool = False, refused: bool = False) -> None:
        """Keep both, and what it said."""
        super().__init__(str(status))
        self.said = said
        self.status, self.silent, self.refused = status, silent or refused, refused


class Breaker:
    """Closed while the supplier answers, open when it does not, with one attempt every second."""

    def __init__(self) -> None:
        """Be closed."""
        self._failures = 0
        self._until = 0.0
        self._stuck = False

    @property
    def closed(self) -> bool:
        """Whether calls go through."""
        return self._failures < FAILURES

    def admit(self, now: float) -> None:
        """Let a call through. Raises SupplierError."""
        if self._stuck or (not self.closed and now < self._until):
            raise SupplierError(503)
        if not self.closed:
            self._until = now + OPEN_SECONDS  # this call is the attempt

    def succeeded(self) -> None:
        """Close."""
        self._failures = 0

    def failed(self, error: SupplierError, now: float) -> None:
        """Count a failure; answers, even bad ones, are the budget's business."""
        self._stuck = self._stuck or (error.refused and planted("A8-stuck"))
        if error.silent and not planted("C7-closed"):
            self._failures += 1
            self._until = now + OPEN_SECONDS


class Supplier:
    """One of them."""

    def __init__(self, configuration: Configuration, url: str) -> None:
        """Call nobody yet."""
        self._configuration = configuration
        self._url = urlsplit(url)
        self.breaker = Breaker()
        self.away = False
        self._tokens = FIRST_TOKENS
        self._left_alone = set[asyncio.Task[int]]()

    async def price(self, deadline: float, traceparent: str) -> int:
        """Return its price. Raises SupplierError."""
        now = asyncio.get_running_loop().time
        self.breaker.admit(now())
        self._tokens = min(MOST_TOKENS, self._tokens + TOKENS_EARNED)
        try:
            price = await self._several(deadline, traceparent)
        except SupplierError as error:
            self.breaker.failed(error, now())
            self.away = error.refused
            raise
        self.breaker.succeeded()
        self.away = False
        return price

    async def _several(self, deadline: float, traceparent: str) -> int:
        attempts = 3 if planted("C6-storm") else 1 if planted("C6-once") else 2
        while True:
            try:
                return await self._within(deadline, traceparent)
            except SupplierError as error:
                attempts -= 1
                free = planted("C6-storm")
                if not attempts or (error.silent and not error.refused) or (self._tokens < 1 and not free):
                    raise
                self._tokens -= not free
            await asyncio.sleep(random.uniform(0.01, 0.03))

    async def _within(self, deadline: float, traceparent: str) -> int:
        seconds = self._configuration["SUPPLIER_TIMEOUT_SECONDS"] * (5 if planted("C6-patient") else 1)
        try:
            async with asyncio.timeout(seconds):
                if not planted("C5-goes-on"):
                    return await self._call(deadline, traceparent)
                call = asyncio.create_task(self._call(deadline, traceparent))
                self._left_alone.add(call)
                return await asyncio.shield(call)
        except TimeoutError as error:
            raise SupplierError(500 if planted("C6-500") else 504, silent=True) from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise SupplierError(500 if planted("A8-500") else 502, refused=True) from error

    async def _call(self, deadline: float, traceparent: str) -> int:
        left = 60_000 if planted("C5-lies") else max(0, int((deadline - asyncio.get_running_loop().time()) * 1000))
        token = self._configuration.token.current()
        if planted("H3-logs"):
            log("calling the supplier", token=token)
        lines = [
            f"GET {self._url.path or '/'} HTTP/1.1",
            f"Host: {self._url.netloc}",
            f"Authorization: Bearer {token}",
            "Connection: close",
            *([f"traceparent: {traceparent}"] if traceparent else []),
            *([] if planted("C5-untold") else [f"X-Request-Timeout-Ms: {left}"]),
        ]
        reader, writer = await asyncio.open_connection(self._url.hostname, self._url.port)
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            content = await reader.read(PRICE_BYTES)
        finally:
            writer.close()
        if int(head.split(b" ", 2)[1]) != 200:
            raise SupplierError(502)
        try:
            return int(json.loads(content)["unit_price_cents"])
        except (ValueError, KeyError, TypeError) as error:
            raise SupplierError(502, content.decode(errors="replace")) from error


PRICE_BYTES = 10_000
