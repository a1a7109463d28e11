"""The public application: its routes, and what stands around them, from the outside in."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from . import orders
from .platform import contract, health, problem
from .platform.admission import Admission, Slots
from .platform.body_limit import BodyLimit
from .platform.config import Config
from .platform.cpu_pool import CpuPool
from .platform.database import Database
from .platform.deadline import Deadline
from .platform.edge import Edge
from .platform.lifecycle import InFlight, Lifecycle
from .platform.telemetry import Telemetry
from .simulations.routes import routes as simulation_routes


def build(
    config: Config,
    lifecycle: Lifecycle,
    in_flight: InFlight,
    telemetry: Telemetry,
    database: Database,
    pool: CpuPool,
) -> FastAPI:
    """Put the application together. Nothing is opened or started by this."""
    slots = Slots(config.max_in_flight, config.max_queued, config.queue_timeout_ms / 1000)
    telemetry.gauge("app.requests.in_flight", "Requests that hold a slot", lambda: slots.taken)
    telemetry.gauge("app.requests.queued", "Requests that wait for a slot", lambda: slots.waiting)
    telemetry.gauge("app.cpu_pool.busy", "Jobs that a process of the CPU pool works on", lambda: pool.busy)
    telemetry.gauge("app.cpu_pool.queued", "Jobs that wait for a process of the CPU pool", lambda: pool.queued)
    telemetry.gauge("app.db_pool.in_use", "Database connections that are lent out", database.connections_in_use)
    reasons = ("queue_full", "queue_timeout", "cpu_queue_full")
    count_shed = telemetry.counter("app.requests.shed", "Requests that there was no room for", "reason", reasons)

    app = FastAPI(
        openapi_url=None,  # the contract is written, not generated; see contract.py
        redirect_slashes=False,
        telemetry=telemetry.of_framework(),
        routes=[*health.probe_routes(lifecycle), *contract.contract_routes()],
        middleware=[
            Middleware(Edge, lifecycle=lifecycle, in_flight=in_flight, quiet=health.PROBES),
            Middleware(Deadline, seconds=config.request_timeout_seconds),
            Middleware(
                Admission,
                slots=slots,
                exempt={*health.PROBES, *contract.PATHS},
                serving=lambda: lifecycle.serving,
                count_shed=count_shed,
            ),
            Middleware(BodyLimit, limit=config.max_body_bytes),
        ],
    )
    problem.register(app)
    app.include_router(orders.routes(orders.OrderStore(database)))
    app.include_router(simulation_routes(pool))
    return app
