"""The least that creates and reads orders: FastAPI, psycopg and its pool, on threads, with the SQL of ours.

Run as `uvicorn main:app`: one process, whose access log is uvicorn's.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

from fastapi import FastAPI, HTTPException, Response
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, ConfigDict, Field

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=10, open=False)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Hold the pool open."""
    pool.open()
    yield
    pool.close()


app = FastAPI(lifespan=lifespan)
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Item(BaseModel):
    """A line of an order."""

    model_config = ConfigDict(extra="forbid", strict=True)
    sku: Name
    quantity: Annotated[int, Field(ge=1, le=1000)]
    unit_price_cents: Annotated[int, Field(ge=0, le=10_000_000)]


class NewOrder(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid", strict=True)
    customer_id: Name
    items: Annotated[list[Item], Field(min_length=1, max_length=100)]


class Order(BaseModel):
    """What a client gets."""

    id: str
    customer_id: str
    items: list[Item]
    total_cents: int
    status: str
    created_at: str
    updated_at: str


@app.post("/v1/orders", status_code=201)
def create(new: NewOrder, response: Response) -> Order:
    """Store an order and its items in a transaction."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    total = sum(item.quantity * item.unit_price_cents for item in new.items)
    order = Order(
        id=str(uuid.uuid4()),
        customer_id=new.customer_id,
        items=new.items,
        total_cents=total,
        status="new",
        created_at=now,
        updated_at=now,
    )
    with pool.connection() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders (id, customer_id, total_cents, status, version, created_at, updated_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (order.id, order.customer_id, order.total_cents, order.status, 1, now, now),
        )
        cursor.executemany(
            "INSERT INTO order_items (order_id, position, sku, quantity, unit_price_cents) VALUES (%s, %s, %s, %s, %s)",
            [(order.id, n, item.sku, item.quantity, item.unit_price_cents) for n, item in enumerate(new.items)],
        )
    response.headers["Location"] = f"/v1/orders/{order.id}"
    response.headers["ETag"] = '"1"'
    return order


@app.get("/v1/orders/{order_id}")
def read(order_id: str, response: Response) -> Order:
    """Read an order, and its items."""
    with pool.connection() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, customer_id, total_cents, status, version, created_at, updated_at FROM orders WHERE id = %s",
            (order_id,),
        )
        found = cursor.fetchone()
        if found is None:
            raise HTTPException(404)
        cursor.execute(
            "SELECT order_id, position, sku, quantity, unit_price_cents FROM order_items"
            " WHERE order_id IN (%s) ORDER BY order_id, position",
            (order_id,),
        )
        lines = cursor.fetchall()
    id_, customer_id, total_cents, status, version, created_at, updated_at = found
    response.headers["ETag"] = f'"{version}"'
    return Order(
        id=id_,
        customer_id=customer_id,
        items=[Item(sku=sku, quantity=quantity, unit_price_cents=price) for _, _, sku, quantity, price in lines],
        total_cents=total_cents,
        status=status,
        created_at=created_at,
        updated_at=updated_at,
    )
