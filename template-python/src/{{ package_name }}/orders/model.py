"""Orders as the contract has them (`components/schemas` of api/openapi.yaml)."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..platform.contract import Body

CustomerId = Annotated[str, Field(min_length=1, max_length=64)]
Sku = Annotated[str, Field(min_length=1, max_length=64)]


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


class Order(BaseModel):
    """An order that exists."""

    id: str
    customer_id: str
    items: list[OrderItem]
    total_cents: int
    status: Literal["new", "confirmed", "cancelled"]
    created_at: str
    updated_at: str


class OrderPage(BaseModel):
    """A piece of the list of orders."""

    orders: list[Order]
    next_cursor: str | None
