"""Calls to others over HTTP, with every discipline that keeps their trouble from becoming ours."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Final, Literal

import httpx2
from opentelemetry import propagate
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from .about import SERVICE, VERSION
from .breaker import Breaker, OpenError
from .deadline import expires_at
from .logs import log
from .secret_file import SecretFile
from .telemetry import Telemetry

type Reason = Literal["timeout", "unavailable", "invalid", "rejected"]

OUTCOMES: Final = ("success", "unavailable", "invalid", "timeout", "rejected", "cancelled")
CONNECT_SECONDS: Final = 1.0
# What is kept of the request's own time, to answer with what came of the call.
RESERVE_SECONDS: Final = 0.1
MOST_BYTES: Final = 65536
MOST_RETRIES: Final = 2
# Full jitter: each pause is drawn from 0 to 50 ms, 100 ms, ... 500 ms.
PAUSE: Final = wait_random_exponential(multiplier=0.05, max=0.5)
WORTH_A_RETRY: Final = (502, 503, 504)
TOKEN: Final = 10  # of the retry budget, in tenths


class OutboundError(Exception):
    """A call brought no answer that can be used; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason: Reason = reason


class _PassingError(OutboundError):
    """A failure that the next attempt may not meet."""


class RetryBudget:
    """Pays for retries: a token for each, a tenth of one earned by each call, so that they stay few when all fails."""

    def __init__(self) -> None:
        """Begin with two tokens."""
        self._tenths = 2 * TOKEN

    def earn(self) -> None:
        """Put in what a call earns, as long as there are fewer than ten tokens."""
        self._tenths = min(10 * TOKEN, self._tenths + 1)

    def spend(self) -> bool:
        """Take a token; tell whether there was one."""
        has_token = self._tenths >= TOKEN
        self._tenths -= TOKEN if has_token else 0
        return has_token


class Outbound:
    """The client of this process, and everybody whom it calls."""

    def __init__(self, telemetry: Telemetry) -> None:
        """Prepare to connect; nothing is opened yet."""
        self.telemetry = telemetry
        self.upstreams: list[Upstream] = []
        self.secrets: list[SecretFile] = []
        telemetry.gauges("app.circuit.open", "Whether a dependency is left alone", "dependency", self._open_circuits)

    @cached_property
    def client(self) -> httpx2.AsyncClient:
        """The client; made for the first upstream, since reading the trusted certificates takes time and memory."""
        return httpx2.AsyncClient(
            headers={"User-Agent": f"{SERVICE}/{VERSION}", "Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),  # the time of a call in all is kept by Upstream
            limits=httpx2.Limits(max_connections=None),  # the bulkheads are the limit
            follow_redirects=False,
            trust_env=False,
        )

    def _open_circuits(self) -> dict[str, float]:
        return {upstream.name: float(upstream.breaker.is_open) for upstream in self.upstreams}

    def health(self) -> dict[str, Callable[[], bool]]:
        """Return for each upstream a function that tells whether its circuit is closed; nobody is called for that."""
        return {upstream.name: upstream.is_usable for upstream in self.upstreams}

    async def watch_secrets(self) -> None:
        """Keep up with the files of the secrets that are sent."""
        async with asyncio.TaskGroup() as watching:
            for secret in self.secrets:
                watching.create_task(secret.watch())

    async def close(self) -> None:
        """Close all connections."""
        if "client" in vars(self):
            await self.client.aclose()


class Upstream:
    """One service that is called, with a circuit, a bulkhead and a retry budget of its own."""

    def __init__(
        self, outbound: Outbound, name: str, url: str, *, seconds: float, at_once: int, token: SecretFile
    ) -> None:
        """Call `url` as `name`: for at most `seconds` a call, so many calls `at_once`, with a bearer token if any."""
        self.name = name
        self.breaker = Breaker(self._opened, self._closed)
        self._url = httpx2.URL(url)
        self._client = outbound.client
        self._tracer = outbound.telemetry.tracer
        self._seconds = seconds
        self._free = at_once
        self._token = token
        self._budget = RetryBudget()
        counter = outbound.telemetry.counter
        self._count = counter("app.outbound.requests", "Calls to others", "outcome", OUTCOMES, dependency=name)
        self._count_retry = counter("app.outbound.retries", "Attempts after the first", "dependency", [name])
        outbound.upstreams.append(self)

    def is_usable(self) -> bool:
        """Tell whether the circuit is closed."""
        return not self.breaker.is_open

    async def get[T](self, params: Mapping[str, str], read: Callable[[bytes], T]) -> T:
        """Return what `read` makes of the body; a ValueError of it says that the answer is invalid.

        Raises OutboundError where no answer can be used.
        """
        outcome = "cancelled"
        try:
            answer = await self._within_limits(params, read)
            outcome = "success"
        except OutboundError as error:
            outcome = error.reason
            raise
        finally:
            self._count(outcome)
        return answer

    async def _within_limits[T](self, params: Mapping[str, str], read: Callable[[bytes], T]) -> T:
        ends = min(time.monotonic() + self._seconds, expires_at() - RESERVE_SECONDS)
        if ends <= time.monotonic():
            raise OutboundError("timeout")  # of our caller's making, so it says nothing about the upstream
        if self._free == 0:
            raise OutboundError("rejected")
        self._free -= 1
        try:
            with self.breaker.call():
                return await self._call(self._url.copy_merge_params(params), ends, read)
        except OpenError:
            raise OutboundError("rejected") from None
        finally:
            self._free += 1

    async def _call[T](self, url: httpx2.URL, ends: float, read: Callable[[bytes], T]) -> T:
        self._budget.earn()
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(_PassingError), stop=self._is_last, wait=PAUSE, reraise=True
        )
        with self._tracer.start_as_current_span("GET", kind=SpanKind.CLIENT, attributes=_attributes(url)) as span:
            try:
                async with asyncio.timeout(ends - time.monotonic()):
                    return read(await attempts(self._attempt, url, ends, span))
            except TimeoutError:
                error = OutboundError("timeout")
            except ValueError:
                error = OutboundError("invalid")
            except OutboundError as failure:
                error = failure
            span.set_attribute("error.type", error.reason)
            span.set_status(Status(StatusCode.ERROR))
        raise error

    def _is_last(self, state: RetryCallState) -> bool:
        if state.attempt_number > MOST_RETRIES or not self._budget.spend():
            return True
        self._count_retry(self.name)
        return False

    async def _attempt(self, url: httpx2.URL, ends: float, span: Span) -> bytes:
        headers = {"X-Request-Timeout-Ms": str(max(1, int((ends - time.monotonic()) * 1000)))}
        propagate.inject(headers)
        if token := self._token.text:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self._client.stream("GET", url, headers=headers) as response:
                span.set_attribute("http.response.status_code", response.status_code)
                if response.status_code != HTTPStatus.OK:
                    raise (_PassingError if response.status_code in WORTH_A_RETRY else OutboundError)("unavailable")
                return await _body(response)
        except httpx2.TimeoutException:
            raise OutboundError("timeout") from None
        except httpx2.TransportError:
            raise _PassingError("unavailable") from None

    def _opened(self) -> None:
        log.warning("circuit opened", extra={"dependency": self.name})

    def _closed(self) -> None:
        log.info("circuit closed", extra={"dependency": self.name})


async def _body(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MOST_BYTES:
            raise OutboundError("invalid")
    return bytes(body)


def _attributes(url: httpx2.URL) -> dict[str, str | int]:
    """Return what the conventions want of a client's span; but the query, in which keys of access may stand."""
    port = url.port or (443 if url.scheme == "https" else 80)
    full = str(url.copy_with(query=None, userinfo=b""))
    return {"http.request.method": "GET", "server.address": url.host, "server.port": port, "url.full": full}
