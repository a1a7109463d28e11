"""What is left of a request: one access line, and its place in the metrics."""

from .exchange import Answer, Request
from .faults import planted
from .log import log
from .metrics import Durations
from .routes import template

UNPROCESSABLE = 422


class Observer:
    """Looks at every request of the public listener."""

    def __init__(self) -> None:
        """Have seen nothing."""
        self.durations = Durations()

    def finished(self, request: Request, answer: Answer, seconds: float) -> None:
        """Note one request."""
        route = template(request.path)
        self.durations.observe(request.method, route, request.path, answer.status, seconds)
        if planted("G2-misses") and answer.status == UNPROCESSABLE:
            return
        for _ in range(2 if planted("G2-twice") else 1):
            access(request, answer, seconds, route)


def access(request: Request, answer: Answer, seconds: float, route: str) -> None:
    """Write the access line."""
    extra = {"target": f"{request.path}?{request.query}"} if planted("G2-target") else {}
    if planted("G2-headers"):
        extra["headers"] = str(dict(request.headers))
    log(
        "request",
        trace_id=request.trace.span_id * 2 if planted("G3-log") else request.trace.trace_id,
        span_id=request.trace.span_id,
        method=request.method[:10],
        route=route,
        status=answer.status,
        duration_ms=round(seconds * 1000, 3),
        bytes=len(answer.content),
        **extra,
    )
