"""The operation on quotes (`/v1/quotes` of api/openapi.yaml)."""

from collections.abc import Sequence

from fastapi import APIRouter

from ..platform.contract import StrictRoute
from ..platform.outbound import OutboundError, Reason, Upstream
from ..platform.problem import Problem
from .asking import ask_all, ask_any
from .model import QuoteRequest, Quotes


def routes(suppliers: Sequence[Upstream]) -> APIRouter:
    """Return the routes of the operation."""
    router = APIRouter(route_class=StrictRoute)

    @router.post("/v1/quotes")
    async def ask_for_quotes(wanted: QuoteRequest) -> Quotes:
        if not suppliers:
            raise Problem(503, "No supplier is configured.", headers={"Retry-After": "60"})
        if wanted.require == "any":
            return await ask_any(suppliers, wanted)
        try:
            return await ask_all(suppliers, wanted)
        except OutboundError as error:
            raise _problem(error.reason) from None

    return router


def _problem(reason: Reason) -> Problem:
    match reason:
        case "timeout":
            return Problem(504, "A supplier did not answer in time.")
        case "rejected":
            detail = "A supplier is not asked for now; try again later."
            return Problem(503, detail, headers={"Retry-After": "2"})
        case "unavailable" | "invalid":
            return Problem(502, "A supplier failed.")
