"""The admin listener, on a thread of its own, so that nothing the requests do can hold it up."""

import asyncio
import socket
import threading
from urllib.parse import urlsplit

from .application import Application
from .exchange import TEXT, Answer, Request
from .faults import planted
from .listener import Listener
from .log import SERVICE, VERSION, log
from .metrics import page
from .observer import access

LARGEST_BODY = 1_000
IDENTITY = {"service": SERVICE, "version": VERSION, "commit": "0f1e2d3", "built_at": "2026-01-02T03:04:05Z"}


class Admin:
    """The probes, and what operators look at."""

    def __init__(self, application: Application) -> None:
        """Do not answer yet."""
        self._application = application

    def start(self, bound: socket.socket) -> None:
        """Answer, on a thread that ends with the process."""
        threading.Thread(target=lambda: asyncio.run(self._serve(bound)), daemon=True).start()

    async def _serve(self, bound: socket.socket) -> None:
        await Listener(self._answer, LARGEST_BODY).open(bound)
        await asyncio.Event().wait()

    async def _answer(self, request: Request) -> Answer:
        if planted("C8-probes") and self._application.rate_limit.exhausted:
            return Answer(429)
        match request.path:
            case "/livez":
                return await self._live(request)
            case "/readyz":
                return await self._ready()
            case _:
                return self._shown(request.path)

    def _shown(self, path: str) -> Answer:
        """Return what operators look at."""
        application = self._application
        match path:
            case "/metrics":
                return Answer(200, page(application.observer.durations, application.figures()), media_type=TEXT)
            case "/version" if not planted("G6-absent"):
                return Answer(200, IDENTITY | ({"commit": ""} if planted("G6-partial") else {}))
            case "/env" if planted("H3-shows"):
                return Answer(200, {"token": application.configuration.token.current()})
            case _:
                return Answer(404)

    async def _live(self, request: Request) -> Answer:
        application = self._application
        if planted("G2-probes"):
            access(request, Answer(200), 0, request.path)
        if planted("B2-live"):
            await application.pool.idle()
        if planted("A5-waits"):
            for _ in range(100):
                if application.admission.full:
                    await asyncio.sleep(0.02)
        dead = (planted("A1-dead") and application.state.draining) or (
            planted("A8-dead") and application.suppliers.away
        )
        if application.database and application.database.away:
            dead = dead or planted("F9-dead")
        return Answer(503 if dead else 200, {"status": "dead" if dead else "live"})

    async def _ready(self) -> Answer:
        state, told = self._application.state, {"status": "ready"}
        if planted("A6-logs"):
            log("asked for readiness")
        if planted("A6-talks"):
            told["configuration"] = "x" * 3_000
        ready = state.ready and (self._application.schema is None or self._application.schema.fits)
        if planted("A6-dear") and ready:
            await asyncio.sleep(0.2)
        if planted("A6-upstream"):
            ready = ready and self._upstream_listens()
        if planted("C1-unready"):
            ready = ready and not self._application.admission.full
        if planted("A7-404") and not ready and not state.draining:
            return Answer(404)
        if planted("A7-early") and not state.draining:
            ready = True
        return Answer(200, told) if ready else Answer(503, {"status": "not ready"})

    def _upstream_listens(self) -> bool:
        url = urlsplit(self._application.configuration["SUPPLIER_URLS"].split(",")[0])
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((url.hostname, url.port)) == 0
