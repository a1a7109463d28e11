"""The public routes, behind the rate limit, the admission and the deadline."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from . import routes
from .admission import Admission, OverloadedError, RateLimit
from .configuration import Configuration
from .contract import served
from .database import AwayError, BrokenError, BusyError, Database, UnknownError
from .engines import Engine, engine_of
from .exchange import Answer, Request, problem
from .faults import planted
from .observer import Observer
from .orders import Orders
from .pool import Pool, cores
from .schema import Watch
from .store import Memory, Stored
from .supplier import SupplierError
from .suppliers import Suppliers
from .validation import QUOTE, SIMULATION, InvalidError, acceptable, media, read

Handler = Callable[[Request, str], Awaitable[Answer]]


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
        self.suppliers = Suppliers(configuration)
        self.pool = Pool(configuration["CPU_WORKERS"] or cores(), configuration["CPU_QUEUE"])
        self.observer = Observer()
        self._deadlines = dict[asyncio.Task[object] | None, float]()
        engine: Engine | None = engine_of(configuration)
        self.database = Database(engine, configuration) if engine else None
        self.schema = Watch(engine) if engine else None
        orders = Orders(Stored(self.database) if self.database else Memory())
        self._routes: Mapping[str, Mapping[str, Handler]] = {
            routes.ORDERS: {"GET": self._patiently(orders.page), "POST": orders.create},
            routes.ORDER: {"GET": orders.one, "PATCH": orders.change},
            routes.QUOTES: {"POST": self._quote},
            routes.SIMULATIONS: {"POST": self._simulate},
            routes.CURRENCIES: {} if planted("E1-unserved") else {"GET": _currencies},
            routes.CONTRACT: {"GET": served},
        }

    async def handle(self, request: Request) -> Answer:
        """Answer one request."""
        principal = request.headers.get("x-forwarded-for", "") if planted("C8-forged") else request.remote
        if not self.rate_limit.allows(principal, time.monotonic()):
            return problem(429, headers=self.rate_limit.fields(principal, time.monotonic()))
        try:
            await self.admission.enter()
        except OverloadedError:
            await asyncio.sleep(0.5 if planted("C1-slow") else 0)
            return problem(503, "overloaded", headers={} if planted("C1-mute") else {"Retry-After": "1"})
        try:
            return await self._in_time(request)
        finally:
            self.admission.leave()

    async def _in_time(self, request: Request) -> Answer:
        seconds = self.configuration["REQUEST_TIMEOUT_SECONDS"] * (2 if planted("C5-late") else 1)
        deadline = asyncio.get_running_loop().time() + seconds
        self._deadlines[asyncio.current_task()] = deadline
        try:
            async with asyncio.timeout_at(None if planted("C5-none") else deadline):
                return await self._route(request)
        except TimeoutError:
            return problem(504, "the deadline has passed")
        except InvalidError as error:
            return error.answer
        except (BusyError, AwayError, UnknownError) as error:
            status = 500 if planted("F6-500") and not isinstance(error, BusyError) else 503
            headers = {} if planted("F3-mute") else {"Retry-After": "1"}
            return problem(status, "the database cannot be used; try again later", headers=headers)
        except BrokenError:
            return problem(500)
        except SupplierError as error:
            return problem(error.status, _told(error))
        finally:
            del self._deadlines[asyncio.current_task()]

    async def _route(self, request: Request) -> Answer:
        odd = self._odd(request)
        if odd:
            return odd
        route = routes.template(request.path)
        if not route:
            return problem(404)
        handlers = self._routes[route]
        method = "GET" if request.method == "HEAD" and not planted("E4-headless") else request.method
        if method not in handlers:
            allowed = [*handlers, *(["HEAD"] if "GET" in handlers else [])]
            return problem(405, headers={} if planted("E2-allow") else {"Allow": ", ".join(allowed)})
        acceptable(request.headers)
        return await handlers[method](request, request.path.rpartition("/")[2])

    def _odd(self, request: Request) -> Answer | None:
        """Return what a fault answers where no route should."""
        if planted("A6-switch") and (request.method, request.path) == ("POST", "/readyz/disable"):
            self.state.ready = False
            return Answer(200)
        if planted("G7-metrics") and request.path == "/metrics":
            return Answer(200, "figures", media_type="text/plain")
        if planted("E4-trace") and request.method == "TRACE":
            return Answer(200, str(request), media_type="message/http")
        if planted("E4-redirects") and request.path.startswith("//"):
            return Answer(308, headers={"Location": request.path[1:]})
        return None

    def _patiently(self, handler: Handler) -> Handler:
        """Return a handler that waits for what it has no business with, where a fault says so."""

        async def waits(request: Request, key: str) -> Answer:
            await asyncio.sleep(0.7 if planted("C7-shared") and not self.suppliers.well else 0)
            return await handler(request, key)

        return waits

    async def _quote(self, request: Request, _: str) -> Answer:
        media(request.headers)
        wanted = read(request.body, QUOTE, "sku")
        price = await self.suppliers.price(request, self._deadlines[asyncio.current_task()])
        return Answer(200, {**wanted, "unit_price_cents": price})

    async def _simulate(self, request: Request, _: str) -> Answer:
        media(request.headers)
        amount = read(request.body, SIMULATION, "amount")["amount"]
        try:
            return Answer(200, {"result": await self.pool.compute(amount)})
        except OverloadedError:
            status = 500 if planted("B3-500") else 503
            return problem(status, "no worker is free", headers={} if planted("B3-mute") else {"Retry-After": "1"})

    def figures(self) -> dict[str, float]:
        """Return how full it is."""
        found: dict[str, float] = {
            "app_requests_in_flight": 0 if planted("G5-constant") else self.admission.running,
            "app_requests_queued": self.admission.queued,
            "app_requests_shed_total": self.admission.shed,
            "app_cpu_pool_workers": self.pool.workers,
            "app_cpu_pool_busy": self.pool.busy,
            "app_cpu_pool_queued": self.pool.queued,
        }
        if self.database:
            found["app_db_retries_total"] = self.database.retries
        if planted("G5-missing"):
            del found["app_cpu_pool_queued"]
        return found


def _told(error: SupplierError) -> str:
    if planted("E3-trace"):
        return "".join(traceback.format_exception(error))
    return f"the supplier said {error.said}" if planted("E3-quotes") else "there is no price"


async def _currencies(_: Request, __: str) -> Answer:
    return Answer(200, {"currencies": ["EUR"]})
