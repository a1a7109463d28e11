"""The operations on orders (`/v1/orders` of api/openapi.yaml)."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, BeforeValidator, Field

from ..platform.contract import StrictRoute
from ..platform.problem import Problem
from .cursor import Cursor
from .model import CustomerId, NewOrder, Order, OrderPage
from .store import OrderStore

_DECIMAL: Final = re.compile(r"-?\d{1,18}", re.ASCII)
FIRST_VERSION: Final = '"1"'


def _whole_number(text: object) -> object:
    """Refuse what Python would also take for an integer: " 5 ", "5.0", "1_000"."""
    if isinstance(text, str) and not _DECIMAL.fullmatch(text):
        raise ValueError("must be an integer")
    return text


def _of_this_list(cursor: str) -> str:
    Cursor.decode(cursor)
    return cursor


Limit = Annotated[int, Query(ge=1, le=200), BeforeValidator(_whole_number)]
CursorText = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_of_this_list)]


def routes(orders: OrderStore) -> APIRouter:
    """Return the routes of the operations."""
    router = APIRouter(route_class=StrictRoute)

    @router.post("/v1/orders", status_code=201)
    async def create_order(new: NewOrder, response: Response) -> Order:
        order = await orders.add(new)
        response.headers["Location"] = f"/v1/orders/{order.id}"
        response.headers["ETag"] = FIRST_VERSION
        return order

    @router.get("/v1/orders/{id}")
    async def read_order(order_id: Annotated[str, Path(alias="id")], response: Response) -> Order:
        order = await orders.find(order_id)
        if order is None:
            raise Problem(404, "There is no such order.")
        response.headers["ETag"] = FIRST_VERSION
        return order

    @router.get("/v1/orders")
    async def list_orders(
        limit: Limit = 50, cursor: CursorText | None = None, customer_id: CustomerId | None = None
    ) -> OrderPage:
        after = Cursor.decode(cursor) if cursor else None
        return await orders.page(limit, after, customer_id)

    return router
