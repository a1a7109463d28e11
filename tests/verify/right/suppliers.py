"""All suppliers, asked at once: the lowest price counts, and the first failure ends the calls to the others."""

import asyncio

from .configuration import Configuration
from .exchange import Request
from .faults import planted
from .supplier import Supplier, SupplierError


class Suppliers:
    """Those that the configuration names."""

    def __init__(self, configuration: Configuration) -> None:
        """Call nobody yet."""
        urls = configuration["SUPPLIER_URLS"].split(",")
        self._all = [Supplier(configuration, url) for url in urls[: 1 if planted("B5-first") else None]]

    @property
    def well(self) -> bool:
        """Whether calls go through."""
        return all(supplier.breaker.closed for supplier in self._all)

    @property
    def away(self) -> bool:
        """Whether one refuses connections."""
        return any(supplier.away for supplier in self._all)

    async def price(self, request: Request, deadline: float) -> int:
        """Return the lowest price. Raises SupplierError."""
        onward = request.headers.get("traceparent", "") if planted("G3-passes") else request.trace.onward()
        calls = [supplier.price(deadline, "" if planted("G3-keeps") else onward) for supplier in self._all]
        if planted("B5-serial"):
            return min([await call for call in calls])
        if planted("B5-lingers"):
            return min(await asyncio.gather(*calls))
        if planted("B5-waits"):
            return min(_sound(await asyncio.gather(*calls, return_exceptions=True)))
        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(call) for call in calls]
        except* SupplierError as errors:
            raise errors.exceptions[0] from None
        return min(task.result() for task in asked)


def _sound(results: list[int | BaseException]) -> list[int]:
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, int)]
