"""The public routes, behind the rate limit, the admission and the deadline."""

import asyncio
import json
import time
from dataclasses import dataclass

from .admission import Admission, OverloadedError, RateLimit
from .configuration import Configuration
from .exchange import Answer, Request
from .faults import planted
from .supplier import Supplier, SupplierError


@dataclass
class State:
    """What probes are told."""

    ready: bool = False
    draining: bool = False


class Application:
    """Everything that requests share."""

    def __init__(self, configuration: Configuration) -> None:
        """Build it."""
        self.configuration = configuration
        self.state = State()
        patience = configuration["QUEUE_TIMEOUT_MS"] / 1000
        self.admission = Admission(configuration["MAX_IN_FLIGHT"], configuration["MAX_QUEUED"], patience)
        self.rate_limit = RateLimit(configuration["RATE_LIMIT_REQUESTS"])
        self.supplier = Supplier(configuration)

    async def handle(self, request: Request) -> Answer:
        """Answer one request."""
        principal = request.headers.get("x-forwarded-for", "") if planted("C8-forged") else request.remote
        if not self.rate_limit.allows(principal, time.monotonic()):
            return Answer(429, {"title": "Too Many Requests"}, self.rate_limit.fields(principal, time.monotonic()))
        try:
            await self.admission.enter()
        except OverloadedError:
            await asyncio.sleep(0.5 if planted("C1-slow") else 0)
            return Answer(503, {"title": "Overloaded"}, {} if planted("C1-mute") else {"Retry-After": "1"})
        try:
            return await self._in_time(request)
        finally:
            self.admission.leave()

    async def _in_time(self, request: Request) -> Answer:
        seconds = self.configuration["REQUEST_TIMEOUT_SECONDS"] * (2 if planted("C5-late") else 1)
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(None if planted("C5-none") else deadline):
                return await self._route(request, deadline)
        except TimeoutError:
            return Answer(504, {"title": "Deadline exceeded"})
        except SupplierError as error:
            return Answer(error.status, {"title": "Supplier unavailable"})

    async def _route(self, request: Request, deadline: float) -> Answer:
        match request.method, request.path:
            case "GET", "/orders":
                waits = planted("C7-shared") and not self.supplier.breaker.closed
                await asyncio.sleep(0.7 if waits else 0)
                return Answer(200, {"items": []})
            case "POST", "/orders":
                return Answer(201, {}) if _is_json(request.body) else Answer(400, {"title": "Not JSON"})
            case "POST", "/quotes":
                return Answer(200, json.loads(await self.supplier.price(deadline)))
            case "POST", "/readyz/disable" if planted("A6-switch"):
                self.state.ready = False
                return Answer(200)
            case _:
                return Answer(404, {"title": "Not Found"})


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
