"""The orders: created, read in pages, changed under a precondition."""

from .exchange import Answer, Request, problem
from .faults import planted
from .store import FIRST, Order, Store
from .validation import CHANGE, ORDER, InvalidError, invalid, media, number, read

PAGE, MOST, ALL = 10, 20, 1_000_000
NONE = problem(404)


class Orders:
    """What is done with them."""

    def __init__(self, store: Store) -> None:
        """Note where they are."""
        self._store = store

    async def create(self, request: Request, _: str) -> Answer:
        """Take one."""
        media(request.headers)
        return await self._store.create(request, read(request.body, ORDER, "sku"), _created)

    async def page(self, request: Request, _: str) -> Answer:
        """Show a page: those after the cursor, which is the last one of the page before."""
        limit = number(request.parameters, "limit", PAGE, MOST)
        if planted("E5-shifts"):
            return await self._shifting(request, limit)
        found = await self._store.after(request.parameters.get("cursor", FIRST), limit + 1)
        if found is None:
            raise invalid(422, "cursor", parameter=True)
        more = len(found) > limit
        following = found[limit if planted("E5-skips") else limit - 1].id if more else None
        return Answer(200, {"orders": [order.shown() for order in found[:limit]], "next_cursor": following})

    async def _shifting(self, request: Request, limit: int) -> Answer:
        """Show a page as many do: the newest first, by their number in the list."""
        cursor = request.parameters.get("cursor", "0")
        if not cursor.isdigit():
            raise invalid(422, "cursor", parameter=True)
        offset = int(cursor)
        newest = list(reversed(await self._store.after(FIRST, ALL) or []))
        following = str(offset + limit) if offset + limit < len(newest) else None
        found = newest[offset : offset + limit]
        return Answer(200, {"orders": [order.shown() for order in found], "next_cursor": following})

    async def one(self, request: Request, key: str) -> Answer:
        """Show one."""
        order = await self._store.one(key)
        if order is None:
            return NONE
        known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        if (order.etag in known or "*" in known) and not planted("E6-always"):
            return Answer(304, headers={"ETag": order.etag})
        return Answer(200, order.shown(), {"ETag": order.etag})

    async def change(self, request: Request, key: str) -> Answer:
        """Change one, for whoever knows its present state."""
        media(request.headers)

        def change(order: Order) -> None:
            self._precondition(request, order)
            order.quantity = read(request.body, CHANGE).get("quantity", order.quantity)
            order.version += 1

        order = await self._store.change(key, change)
        return Answer(200, order.shown(), {"ETag": order.etag}) if order else NONE

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


def _created(order: Order) -> Answer:
    told = {"ETag": order.etag, "Location": f"/orders/{order.id}"}
    if planted("E4-nowhere"):
        del told["Location"]
    return Answer(200 if planted("E4-ok") else 201, order.shown(), told)
