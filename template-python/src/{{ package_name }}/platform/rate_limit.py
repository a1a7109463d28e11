"""The rate limit: so many requests of each principal in a window, and 429 for those beyond."""

import math
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send
from throttled import MemoryStore, RateLimitResult, Throttled, per_duration

from .logs import log
from .problem import Problem

QUOTA_EXCEEDED: Final = "https://iana.org/assignments/http-problem-types#quota-exceeded"
# The principal that was not seen for the longest time is forgotten first.
MOST_PRINCIPALS: Final = 10_000
SECONDS_BETWEEN_WARNINGS: Final = 1.0


type Take = Callable[[str], RateLimitResult]
"""Takes one request from the quota of a principal."""


def principal(scope: Scope) -> str:
    """Return whom a request counts for: the address of the peer, never what a header claims.

    With authentication the verified subject belongs here.
    """
    return scope["client"][0] if scope.get("client") else "unknown"


def limiter(requests: int, seconds: int) -> Take:
    """Return a function that takes one request from the quota of a principal, which refills evenly (GCRA)."""
    quota = per_duration(timedelta(seconds=seconds), requests)
    return Throttled(using="gcra", quota=quota, store=MemoryStore(options={"MAX_SIZE": MOST_PRINCIPALS})).limit


class RateLimit:
    """ASGI middleware that refuses requests over quota. When the limiter fails, requests pass."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        requests: int,
        seconds: int,
        take: Take,
        count_shed: Callable[[str], None],
        count_error: Callable[[], None],
    ) -> None:
        """Guard `app`; `take` counts a request of a principal."""
        self._app = app
        self._policy = f'"default";q={requests};w={seconds}'
        self._detail = f"The quota of {requests} requests in {seconds} seconds is used up."
        self._take = take
        self._count_shed = count_shed
        self._count_error = count_error
        self._next_warning = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or raise the Problem that sheds it."""
        try:
            taken = self._take(principal(scope))
        except Exception:
            self._count_error()
            if time.monotonic() >= self._next_warning:
                self._next_warning = time.monotonic() + SECONDS_BETWEEN_WARNINGS
                log.warning("the rate limiter failed; requests pass", exc_info=True)
        else:
            left = f'"default";r={taken.state.remaining};t={math.ceil(taken.state.reset_after)}'
            fields = [(b"ratelimit-policy", self._policy.encode()), (b"ratelimit", left.encode())]
            scope["answer_headers"].extend(fields)
            if taken.limited:
                self._count_shed("rate_limited")
                wait = {"Retry-After": str(max(1, math.ceil(taken.state.retry_after)))}
                raise Problem(429, self._detail, kind=QUOTA_EXCEEDED, headers=wait)
        await self._app(scope, receive, send)
