"""Orders as the contract has them (`components/schemas` of api/openapi.yaml)."""

from dataclasses import dataclass
from typing import Annotated, Literal, NewType, assert_never

from pydantic import BaseModel, Field

from ..platform.contract import Body, Label
from ..platform.fields import ETag

type OrderStatus = Literal["new", "confirmed", "cancelled"]
OrderId = NewType("OrderId", str)
CustomerId = Label
Sku = Label


def may_become(status: OrderStatus, wanted: OrderStatus) -> bool:
    """Tell whether an order may take that step; staying what it is is none."""
    match status:
        case "new":
            return wanted in {"confirmed", "cancelled"}
        case "confirmed":
            return wanted == "cancelled"
        case "cancelled":
            return False
        case _:
            assert_never(status)


class OrderItem(Body):
    """One line of an order."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=1000)]
    unit_price_cents: Annotated[int, Field(ge=0, le=10_000_000)]


class NewOrder(Body):
    """An order that a client asks for."""

    customer_id: CustomerId
    items: Annotated[list[OrderItem], Field(min_length=1, max_length=100)]

    @property
    def total_cents(self) -> int:
        """What the items cost together, in cents."""
        return sum(item.quantity * item.unit_price_cents for item in self.items)


class OrderChange(Body):
    """What a client wants to be different."""

    status: OrderStatus


class Order(BaseModel):
    """An order that exists."""

    id: OrderId
    customer_id: str
    items: list[OrderItem]
    total_cents: int
    status: OrderStatus
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Versioned:
    """An order, and how often it was written."""

    order: Order
    version: int = 1

    @property
    def etag(self) -> ETag:
        """What clients know the version by."""
        return ETag(f'"{self.version}"')


class OrderPage(BaseModel):
    """A piece of the list of orders."""

    orders: list[Order]
    next_cursor: str | None
