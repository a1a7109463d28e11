"""The operations on orders (`/v1/orders` of api/openapi.yaml)."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, BeforeValidator, Field
from sqlalchemy import Connection

from ..platform.contract import StrictRoute
from ..platform.fields import matches, none_match_fails
from ..platform.idempotency import Answer, Idempotency
from ..platform.problem import Problem
from .cursor import Cursor
from .model import NewOrder, Order, OrderChange, OrderId, OrderPage, Versioned, may_become
from .store import OrderStore

_DECIMAL: Final = re.compile(r"-?\d{1,18}", re.ASCII)


def _whole_number(text: object) -> object:
    """Refuse what Python would also take for an integer: " 5 ", "5.0", "1_000"."""
    if isinstance(text, str) and not _DECIMAL.fullmatch(text):
        raise ValueError("must be an integer")
    return text


def _of_this_list(cursor: str) -> str:
    Cursor.decode(cursor)
    return cursor


Limit = Annotated[int, Query(ge=1, le=200), BeforeValidator(_whole_number)]
AnyCustomerId = Annotated[str, Query(min_length=1, max_length=64)]
CursorText = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_of_this_list)]


def routes(orders: OrderStore, idempotency: Idempotency) -> APIRouter:
    """Return the routes of the operations; a request to create is kept to one effect by `idempotency`."""
    router = APIRouter(route_class=StrictRoute)

    @router.post("/v1/orders", status_code=201)
    async def create_order(new: NewOrder, request: Request) -> Response:
        def create(connection: Connection) -> Answer:
            created = orders.add(connection, new)
            headers = {"Location": f"/v1/orders/{created.order.id}", "ETag": created.etag}
            return Answer(201, headers, created.order.model_dump_json())

        answer = await idempotency.answer(request, create)
        orders.announce()
        return answer

    @router.get("/v1/orders/{id}", response_model=Order)
    async def read_order(order_id: Annotated[OrderId, Path(alias="id")], request: Request) -> Response:
        found = await _existing(orders, order_id)
        if none_match_fails(request.headers, found.etag):
            return Response(status_code=304, headers={"ETag": found.etag})
        # Written here, since the framework would validate again what has just been made.
        return Response(found.order.model_dump_json(), headers={"ETag": found.etag}, media_type="application/json")

    @router.patch("/v1/orders/{id}")
    async def change_order(
        order_id: Annotated[OrderId, Path(alias="id")], change: OrderChange, request: Request, response: Response
    ) -> Order:
        while True:  # once more after each change that somebody else was faster with; an order takes two steps at most
            known = await _existing(orders, order_id)
            if not _is_step(known, change, request):
                return _answer(known, response)
            changed = await orders.change(known, change.status)
            if changed:
                return _answer(changed, response)

    @router.get("/v1/orders")
    async def list_orders(
        limit: Limit = 50, cursor: CursorText | None = None, customer_id: AnyCustomerId | None = None
    ) -> OrderPage:
        after = Cursor.decode(cursor) if cursor else None
        return await orders.page(limit, after, customer_id)

    return router


def _answer(known: Versioned, response: Response) -> Order:
    response.headers["ETag"] = known.etag
    return known.order


async def _existing(orders: OrderStore, order_id: OrderId) -> Versioned:
    found = await orders.find(order_id)
    if found is None:
        raise Problem(404, "There is no such order.")
    return found


def _is_step(known: Versioned, change: OrderChange, request: Request) -> bool:
    """Tell whether a change changes anything. Raises Problem where it is not meant for this state, or not allowed."""
    if "if-match" not in request.headers:
        raise Problem(428, "Say in If-Match which state of the order the change is meant for.")
    if not matches(request.headers, known.etag):
        raise Problem(412, "The order has changed; read it again.")
    status = known.order.status
    if status == change.status:
        return False
    if not may_become(status, change.status):
        raise Problem(409, f"An order that is {status} cannot become {change.status}.")
    return True
