"""The two routes as full-stack-fastapi-template would have them.

SQLModel's tables and a session for each request, functions that FastAPI runs on threads, the engine's own pool, and a
middleware for cross-origin requests; no user has to be logged in. Run as its image does: `fastapi run --workers 4`.
"""

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Response
from pydantic import ConfigDict
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine
from starlette.middleware.cors import CORSMiddleware

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1))


class OrderItemBase(SQLModel):
    """What a line of an order has everywhere."""

    sku: str = Field(min_length=1, max_length=64)
    quantity: int = Field(ge=1, le=1000)
    unit_price_cents: int = Field(ge=0, le=10_000_000)


class OrderItemCreate(OrderItemBase):
    """A line as a client sends it."""

    model_config = ConfigDict(extra="forbid")


class OrderCreate(SQLModel):
    """An order as a client sends it."""

    model_config = ConfigDict(extra="forbid")
    customer_id: str = Field(min_length=1, max_length=64)
    items: list[OrderItemCreate] = Field(min_length=1, max_length=100)


class OrderItem(OrderItemBase, table=True):
    """A line in the database."""

    __tablename__ = "order_items"
    order_id: str = Field(foreign_key="orders.id", primary_key=True)
    position: int = Field(primary_key=True)
    order: "Order" = Relationship(back_populates="items")


class Order(SQLModel, table=True):
    """An order in the database."""

    __tablename__ = "orders"
    id: str = Field(default_factory=lambda: str(uuid.uuid4()), primary_key=True)
    customer_id: str
    total_cents: int
    status: str = "new"
    version: int = 1
    created_at: str
    updated_at: str
    items: list[OrderItem] = Relationship(
        back_populates="order", sa_relationship_kwargs={"order_by": "OrderItem.position"}
    )


class OrderPublic(SQLModel):
    """An order as a client gets it."""

    id: str
    customer_id: str
    items: list[OrderItemBase]
    total_cents: int
    status: str
    created_at: str
    updated_at: str


def get_db() -> Iterator[Session]:
    """Lend a session to a request."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_db)]
router = APIRouter(prefix="/orders", tags=["orders"])


@router.post("", response_model=OrderPublic, status_code=201)
def create_order(session: SessionDep, order_in: OrderCreate, response: Response) -> Order:
    """Store an order with its items."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    total_cents = sum(item.quantity * item.unit_price_cents for item in order_in.items)
    order = Order(customer_id=order_in.customer_id, total_cents=total_cents, created_at=now, updated_at=now)
    order.items = [
        OrderItem.model_validate(item, update={"order_id": order.id, "position": position})
        for position, item in enumerate(order_in.items)
    ]
    session.add(order)
    session.commit()
    session.refresh(order)
    response.headers["Location"] = f"/v1/orders/{order.id}"
    response.headers["ETag"] = f'"{order.version}"'
    return order


@router.get("/{order_id}", response_model=OrderPublic)
def read_order(session: SessionDep, order_id: str, response: Response) -> Order:
    """Read an order with its items."""
    order = session.get(Order, order_id)
    if not order:
        raise HTTPException(status_code=404, detail="Order not found")
    response.headers["ETag"] = f'"{order.version}"'
    return order


app = FastAPI(title="orders", openapi_url="/v1/openapi.json")
app.add_middleware(
    CORSMiddleware,
    allow_origins=["http://localhost:5173"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)
app.include_router(router, prefix="/v1")
