"""What a request has to pass once its route is known; nothing, where there is none or it must always answer."""

from collections.abc import Collection, Sequence
from functools import reduce

from starlette.middleware import Middleware
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send


class Guards:
    """ASGI middleware that puts others before the routes of the service only."""

    def __init__(self, app: ASGIApp, *, exempt: Collection[str], guards: Sequence[Middleware]) -> None:
        """Put `guards`, from the outside in, before `app` for requests that one of its routes takes.

        The paths in `exempt` pass none of them; neither does what ends in 404 or 405.
        """
        self._open = app
        self._guarded = reduce(_inside, reversed(guards), app)
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        is_guarded = scope["path"] not in self._exempt and _find_route(scope)
        await (self._guarded if is_guarded else self._open)(scope, receive, send)


def _find_route(scope: Scope) -> bool:
    """Tell whether there is a route; note it, so that the log can name it whatever becomes of the request."""
    for route in scope["app"].routes:
        match, found = route.matches(scope)
        if match is Match.FULL:
            scope["route"] = found.get("route")
            return True
    return False


def _inside(app: ASGIApp, guard: Middleware) -> ASGIApp:
    return guard.cls(app, *guard.args, **guard.kwargs)
