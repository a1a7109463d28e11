"""The questions a platform asks: the probes of both listeners, and what else the admin listener tells."""

import asyncio
from collections.abc import Callable
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from . import problem
from .about import BUILT_AT, COMMIT, LANGUAGE, SERVICE, VERSION
from .lifecycle import Lifecycle
from .telemetry import Telemetry

PROBES: Final = ("/livez", "/readyz")
CHECK_SECONDS: Final = 1.0


def probe_routes(lifecycle: Lifecycle) -> list[APIRoute]:
    """Return liveness, which depends on nothing, and readiness, which is the state of this process."""

    async def livez() -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz() -> Response:
        return JSONResponse({"status": lifecycle.status}, 200 if lifecycle.status == "ok" else 503)

    return [APIRoute("/livez", livez), APIRoute("/readyz", readyz)]


def admin_app(lifecycle: Lifecycle, telemetry: Telemetry, dependencies: dict[str, Callable[[], bool]]) -> FastAPI:
    """Return the application of the admin listener.

    A dependency is a function that tells whether it can be reached; it may block, and is given CHECK_SECONDS.
    """

    async def startupz() -> Response:
        return JSONResponse({"status": "ok" if lifecycle.started else "starting"}, 200 if lifecycle.started else 503)

    async def metrics(request: Request) -> Response:
        page, media_type = telemetry.page(request.headers.get("accept", ""))
        return Response(page, headers={"Content-Type": media_type})

    async def version() -> Response:
        built = {"version": VERSION, "commit": COMMIT, "built_at": BUILT_AT}
        return JSONResponse({"service": SERVICE, **built, "language": LANGUAGE})

    async def health() -> Response:
        return await _health(dependencies)

    routes = [
        *probe_routes(lifecycle),
        APIRoute("/startupz", startupz),
        APIRoute("/metrics", metrics),
        APIRoute("/version", version),
        APIRoute("/health/dependencies", health),
    ]
    app = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        routes=[*routes],
    )
    problem.register(app)
    return app


async def _health(dependencies: dict[str, Callable[[], bool]]) -> Response:
    states = dict(zip(dependencies, await asyncio.gather(*map(_check, dependencies.values())), strict=True))
    all_ok = set(states.values()) <= {"ok"}
    content = {
        "status": "ok" if all_ok else "unavailable",
        "dependencies": {name: {"status": state} for name, state in states.items()},
    }
    return JSONResponse(content, 200 if all_ok else 503)


async def _check(reachable: Callable[[], bool]) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return "ok" if await asyncio.to_thread(reachable) else "unavailable"
    except TimeoutError:
        return "unavailable"
