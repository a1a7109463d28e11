"""Asks all suppliers at once; no call outlives the request that asked."""

import asyncio
from collections.abc import Sequence

from ..platform.outbound import OutboundError, Upstream
from .model import FailedQuote, Quote, QuoteRequest, Quotes, SupplierAnswer


async def ask_all(suppliers: Sequence[Upstream], request: QuoteRequest) -> Quotes:
    """Return the quotes of all suppliers; the first failure ends the other calls and is raised as OutboundError."""
    try:
        async with asyncio.TaskGroup() as calls:
            asked = [calls.create_task(_ask(supplier, request)) for supplier in suppliers]
    except* OutboundError as failures:
        failed = failures.exceptions[0]
    else:
        return _sorted([call.result() for call in asked], [])
    raise failed


async def ask_any(suppliers: Sequence[Upstream], request: QuoteRequest) -> Quotes:
    """Return the quotes that arrived, and why the others did not."""
    async with asyncio.TaskGroup() as calls:
        asked = [calls.create_task(_ask_or_say_why(supplier, request)) for supplier in suppliers]
    answers = [call.result() for call in asked]
    quotes = [answer for answer in answers if isinstance(answer, Quote)]
    return _sorted(quotes, [answer for answer in answers if isinstance(answer, FailedQuote)])


def _sorted(quotes: list[Quote], failed: list[FailedQuote]) -> Quotes:
    cheapest_first = sorted(quotes, key=lambda quote: quote.unit_price_cents)  # stable: suppliers keep their order
    return Quotes(quotes=cheapest_first, best=next(iter(cheapest_first), None), failed=failed)


async def _ask_or_say_why(supplier: Upstream, request: QuoteRequest) -> Quote | FailedQuote:
    try:
        return await _ask(supplier, request)
    except OutboundError as error:
        return FailedQuote(supplier=supplier.name, reason=error.reason)


async def _ask(supplier: Upstream, request: QuoteRequest) -> Quote:
    params = {"sku": request.sku, "quantity": str(request.quantity)}
    answer = await supplier.get(params, SupplierAnswer.model_validate_json)
    return Quote(supplier=supplier.name, unit_price_cents=answer.unit_price_cents)
