"""The application of the public listener without its operations: what stands around them, from the outside in."""

from functools import partial

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from . import contract, deprecation, health, problem
from .admission import Admission, Slots
from .body_limit import BodyLimit
from .config import Config
from .deadline import Deadline
from .edge import Edge
from .guards import Guards
from .parts import Parts
from .rate_limit import RateLimit, limiter


def public_app(parts: Parts[Config], *routers: APIRouter) -> FastAPI:
    """Return the application with its probes, its contract and the routes of `routers`.

    These are its own routes, not those of included routers, which do not tell the guards what they match.
    Nothing is opened or started by this.
    """
    own = [route for router in routers for route in router.routes]
    app = FastAPI(
        openapi_url=None,  # the contract is written, not generated; see contract.py
        redirect_slashes=False,
        telemetry=parts.telemetry.of_framework(),
        routes=[*health.probe_routes(parts.lifecycle), *contract.contract_routes(), *own],
        middleware=[
            Middleware(Edge, lifecycle=parts.lifecycle, in_flight=parts.in_flight, quiet=health.PROBES),
            Middleware(Guards, exempt={*health.PROBES, *contract.PATHS}, guards=_guards(parts)),
        ],
    )
    problem.register(app)
    return app


def _guards(parts: Parts[Config]) -> list[Middleware]:
    config, telemetry, pool = parts.config, parts.telemetry, parts.pool
    slots = Slots(config.max_in_flight, config.max_queued, config.queue_timeout_ms / 1000)
    telemetry.gauge("app.requests.in_flight", "Requests that hold a slot", lambda: slots.taken)
    telemetry.gauge("app.requests.queued", "Requests that wait for a slot", lambda: slots.waiting)
    telemetry.gauge("app.cpu_pool.workers", "Processes of the CPU pool", lambda: pool.workers)
    telemetry.gauge("app.cpu_pool.busy", "Jobs that a process of the CPU pool works on", lambda: pool.busy)
    telemetry.gauge("app.cpu_pool.queued", "Jobs that wait for a process of the CPU pool", lambda: pool.queued)
    reasons = ("queue_full", "queue_timeout", "cpu_queue_full", "rate_limited")
    count_shed = telemetry.counter("app.requests.shed", "Requests that there was no room for", "reason", reasons)
    count_error = telemetry.total("app.rate_limiter.errors", "Requests that passed because the rate limiter failed")

    guards = [
        Middleware(BodyLimit, limit=config.max_body_bytes),
        Middleware(Deadline, seconds=config.request_timeout_seconds),
        Middleware(Admission, slots=slots, serving=lambda: parts.lifecycle.serving, count_shed=count_shed),
    ]
    requests, seconds = config.rate_limit_requests, config.rate_limit_window_seconds
    if requests:
        rate_limit = partial(RateLimit, requests=requests, seconds=seconds, take=limiter(requests, seconds))
        guards.insert(0, Middleware(rate_limit, count_shed=count_shed, count_error=count_error))
    deprecated = deprecation.fields_of(contract.load())
    return [Middleware(deprecation.Deprecation, fields=deprecated), *guards]
