"""The orders: created, read in pages, changed under a precondition."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from .exchange import Answer, Request, problem
from .faults import planted
from .validation import CHANGE, ORDER, InvalidError, invalid, media, number, read

PAGE, MOST = 10, 20
NONE = problem(404)


@dataclass
class Order:
    """One order."""

    id: str
    sku: str
    customer: str = ""
    quantity: int = 1
    version: int = 1

    @property
    def etag(self) -> str:
        """What tells its states apart."""
        return f'"{self.id}-{0 if planted("E6-same") else self.version}"'

    def shown(self) -> dict[str, Any]:
        """Return what the world sees of it."""
        return {"id": self.id, "sku": self.sku, "customer": self.customer, "quantity": self.quantity}


class Orders:
    """All of them, in the order in which they came."""

    def __init__(self) -> None:
        """Be empty."""
        self._all = dict[str, Order]()

    async def create(self, request: Request, _: str) -> Answer:
        """Take one."""
        media(request.headers)
        order = Order(id=f"{len(self._all) + 1:06}", **read(request.body, ORDER, "sku"))
        self._all[order.id] = order
        told = {"ETag": order.etag, "Location": f"/orders/{order.id}"}
        if planted("E4-nowhere"):
            del told["Location"]
        return Answer(200 if planted("E4-ok") else 201, order.shown(), told)

    async def page(self, request: Request, _: str) -> Answer:
        """Show a page: those after the cursor, which is the last one of the page before."""
        limit = number(request.parameters, "limit", PAGE, MOST)
        if planted("E5-shifts"):
            return self._shifting(request, limit)
        cursor = request.parameters.get("cursor", "000000")
        if cursor not in self._all and cursor != "000000":
            raise invalid(422, "cursor", parameter=True)
        after = (order for order in self._all.values() if order.id > cursor)
        found = list(islice(after, limit + 1))
        more = len(found) > limit
        following = found[limit if planted("E5-skips") else limit - 1].id if more else None
        return Answer(200, {"orders": [order.shown() for order in found[:limit]], "next_cursor": following})

    def _shifting(self, request: Request, limit: int) -> Answer:
        """Show a page as many do: the newest first, by their number in the list."""
        cursor = request.parameters.get("cursor", "0")
        if not cursor.isdigit():
            raise invalid(422, "cursor", parameter=True)
        offset = int(cursor)
        found = list(reversed(self._all.values()))[offset : offset + limit]
        following = str(offset + limit) if offset + limit < len(self._all) else None
        return Answer(200, {"orders": [order.shown() for order in found], "next_cursor": following})

    async def one(self, request: Request, key: str) -> Answer:
        """Show one."""
        order = self._all.get(key)
        if order is None:
            return NONE
        known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        if (order.etag in known or "*" in known) and not planted("E6-always"):
            return Answer(304, headers={"ETag": order.etag})
        return Answer(200, order.shown(), {"ETag": order.etag})

    async def change(self, request: Request, key: str) -> Answer:
        """Change one, for whoever knows its present state."""
        order = self._all.get(key)
        if order is None:
            return NONE
        media(request.headers)
        self._precondition(request, order)
        order.quantity = read(request.body, CHANGE).get("quantity", order.quantity)
        order.version += 1
        return Answer(200, order.shown(), {"ETag": order.etag})

    @staticmethod
    def _precondition(request: Request, order: Order) -> None:
        known = request.headers.get("if-match")
        if known is None:
            if planted("E6-careless"):
                return
            raise InvalidError(problem(428))
        if planted("E6-weak"):
            known = known.removeprefix("W/")
        fits = planted("E6-stale") or known == "*" or order.etag in [tag.strip() for tag in known.split(",")]
        if not fits:
            raise InvalidError(problem(412))
