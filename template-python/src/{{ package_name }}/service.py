"""The composition root: builds every part, starts them in order, and stops them in the reverse order."""

import asyncio
import time
from contextlib import AsyncExitStack

import uvloop

from . import app
from .platform import health
from .platform.background import Background
from .platform.cpu_pool import CpuPool
from .platform.database import Database
from .platform.lifecycle import InFlight, Lifecycle, StartError
from .platform.logs import log
from .platform.outbound import Outbound
from .platform.parts import Parts
from .platform.schema import Schema
from .platform.server import AdminServer, Server, bind
from .platform.telemetry import Telemetry
from .settings import Settings

MIGRATIONS = f"{__package__}:migrations"
SCHEMA_CHECK_SECONDS = 1.0
LOOP_LAG_SECONDS = 0.5


def run(config: Settings, lifecycle: Lifecycle) -> int:
    """Run the service until a signal stops it, and return the exit code."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(_serve(config, lifecycle))
        except StartError as error:
            log.error(str(error))
            return 1


def migrate(config: Settings) -> int:
    """Bring the database to the version that this build expects, and return the exit code."""
    schema = Schema(config.database_url, MIGRATIONS)
    try:
        schema.migrate()
    except StartError as error:
        log.error(str(error))
        return 1
    log.info("migrated", extra={"schema": schema.expected})
    return 0


async def _serve(config: Settings, lifecycle: Lifecycle) -> int:
    async with AsyncExitStack() as stack:
        admin_socket = bind("admin", config.admin_host, config.admin_port, "APP_ADMIN_PORT")
        public_socket = bind("public", config.host, config.port, "APP_PORT")

        telemetry = Telemetry()
        stack.callback(telemetry.close)
        telemetry.make_global()
        schema = Schema(config.database_url, MIGRATIONS)
        dependencies = {"database": schema.reachable}
        admin = AdminServer(health.admin_app(lifecycle, telemetry, dependencies), admin_socket)
        admin.start()
        stack.callback(admin.stop)

        database = Database(config.database_url)
        stack.callback(database.close)
        pool = CpuPool(config.cpu_workers, config.cpu_queue)
        stack.push_async_callback(pool.stop)
        outbound = Outbound(telemetry)
        stack.push_async_callback(outbound.close)
        parts = Parts(
            config=config,
            lifecycle=lifecycle,
            in_flight=InFlight(),
            telemetry=telemetry,
            database=database,
            pool=pool,
            background=Background(),
            outbound=outbound,
        )
        public = Server(app.build(parts))
        dependencies.update(outbound.health())
        serving = asyncio.create_task(public.serve(sockets=[public_socket]))
        for watch in (_watch_loop(telemetry), outbound.watch_secrets()):
            stack.callback(asyncio.create_task(watch).cancel)

        await _start(config, schema, pool)
        watching_schema = asyncio.create_task(_watch_schema(schema, lifecycle))
        stack.callback(watching_schema.cancel)
        lifecycle.schema_fits = await asyncio.to_thread(schema.fits)
        lifecycle.started = True
        log.info("started", extra={"status": lifecycle.status})

        await lifecycle.stop_requested()
        return await _stop(parts, public, serving)


async def _start(config: Settings, schema: Schema, pool: CpuPool) -> None:
    await asyncio.to_thread(schema.make_folder)
    if config.env == "development":
        await asyncio.to_thread(schema.migrate)
    await pool.start()


async def _stop(parts: Parts[Settings], public: Server, serving: asyncio.Task[None]) -> int:
    """Drain, then let requests and jobs finish, in the same time; return 1 when some had to be cut off."""
    config, in_flight = parts.config, parts.in_flight
    log.info("draining", extra={"seconds": config.drain_seconds})
    await asyncio.sleep(config.drain_seconds)
    log.info("stopping", extra={"in_flight": len(in_flight.requests), "limit_seconds": config.shutdown_seconds})
    end = time.monotonic() + config.shutdown_seconds
    public.should_exit = True  # stops accepting, closes idle connections, ends when the others are closed
    _, unfinished = await asyncio.wait({serving}, timeout=config.shutdown_seconds)
    lost = list(in_flight.requests) if unfinished else []
    for request in lost:
        log.error("request cut off", extra={"route": request.route, "age_seconds": round(request.age, 3)})
        if request.task:
            request.task.cancel()
    lost_jobs = await parts.background.finish(max(0.0, end - time.monotonic()))
    for job in lost_jobs:
        told = {"id": job.id, "state": job.state(), "age_seconds": round(job.age, 3)}
        log.error("job cut off", extra=told)
    public.force_exit = True
    await asyncio.wait({serving}, timeout=1)
    log.info("stopped", extra={"cut_off": len(lost) + len(lost_jobs)})
    return 1 if lost or lost_jobs else 0


async def _watch_schema(schema: Schema, lifecycle: Lifecycle) -> None:
    """Keep readiness true to the schema, so that a migration beside us makes us ready without a restart."""
    told = True
    while True:
        lifecycle.schema_fits = await asyncio.to_thread(schema.fits)
        if told and not lifecycle.schema_fits:
            log.error(
                "not ready: the database is not at the expected schema; run `make migrate`",
                extra={"expected": schema.expected},
            )
        told = lifecycle.schema_fits
        await asyncio.sleep(SCHEMA_CHECK_SECONDS)


async def _watch_loop(telemetry: Telemetry) -> None:
    """Measure how late the event loop runs what is due: the sign of somebody blocking it."""
    lag = 0.0
    telemetry.gauge("app.event_loop.lag.seconds", "How late the event loop last ran a timer", lambda: lag)
    while True:
        due = time.monotonic() + LOOP_LAG_SECONDS
        await asyncio.sleep(LOOP_LAG_SECONDS)
        lag = max(0.0, time.monotonic() - due)
