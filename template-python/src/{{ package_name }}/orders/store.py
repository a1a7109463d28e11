"""Orders in the database. The tables are made by migrations/versions; this is what the queries need of them."""

import uuid
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    RowMapping,
    Select,
    Table,
    Text,
    insert,
    select,
    tuple_,
    update,
)

from ..platform.database import Database
from .cursor import Cursor
from .model import NewOrder, Order, OrderId, OrderItem, OrderPage, OrderStatus, Versioned

_metadata = MetaData()
_orders = Table(
    "orders",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("customer_id", Text),
    Column("total_cents", Integer),
    Column("status", Text),
    Column("version", Integer),
    Column("created_at", Text),
    Column("updated_at", Text),
)
_items = Table(
    "order_items",
    _metadata,
    Column("order_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sku", Text),
    Column("quantity", Integer),
    Column("unit_price_cents", Integer),
)


class OrderStore:
    """All orders."""

    def __init__(self, database: Database) -> None:
        """Keep the orders in `database`."""
        self._database = database

    async def add(self, new: NewOrder) -> Versioned:
        """Store a new order, all of it or nothing, and return it."""
        now = _now()
        order = Order(
            id=OrderId(str(uuid.uuid4())),
            customer_id=new.customer_id,
            items=new.items,
            total_cents=new.total_cents,
            status="new",
            created_at=now,
            updated_at=now,
        )
        added = Versioned(order)
        await self._database.write(_insert, added)
        return added

    async def find(self, order_id: OrderId) -> Versioned | None:
        """Return an order, or None when there is none of that id."""
        found = await self._database.read(_load, select(_orders).where(_orders.c.id == order_id))
        return found[0] if found else None

    async def change(self, known: Versioned, status: OrderStatus) -> Versioned | None:
        """Give an order another status and return it; None when it is no longer as it is known."""
        order = known.order.model_copy(update={"status": status, "updated_at": _now()})
        changed = Versioned(order, known.version + 1)
        return changed if await self._database.write(_replace, known, changed) else None

    async def page(self, limit: int, after: Cursor | None, customer_id: str | None) -> OrderPage:
        """Return at most `limit` orders, newest first, beginning after a cursor."""
        query = select(_orders).order_by(_orders.c.created_at.desc(), _orders.c.id.desc()).limit(limit + 1)
        if after:
            query = query.where(tuple_(_orders.c.created_at, _orders.c.id) < tuple(after))
        if customer_id is not None:
            query = query.where(_orders.c.customer_id == customer_id)
        found = await self._database.read(_load, query)
        has_more = len(found) > limit
        orders = [one.order for one in found[:limit]]
        cursor = Cursor(orders[-1].created_at, orders[-1].id).encode() if has_more else None
        return OrderPage(orders=orders, next_cursor=cursor)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _insert(connection: Connection, added: Versioned) -> None:
    order = added.order
    lines = [{"order_id": order.id, "position": n, **item.model_dump()} for n, item in enumerate(order.items)]
    connection.execute(insert(_orders), {**order.model_dump(exclude={"items"}), "version": added.version})
    connection.execute(insert(_items), lines)


def _replace(connection: Connection, known: Versioned, changed: Versioned) -> bool:
    """Write a change, unless somebody else was faster: the version in the condition decides."""
    as_known = (_orders.c.id == known.order.id) & (_orders.c.version == known.version)
    order = changed.order
    values = {"status": order.status, "updated_at": order.updated_at, "version": changed.version}
    return connection.execute(update(_orders).where(as_known).values(values)).rowcount == 1


def _load(connection: Connection, query: Select[*tuple[object, ...]]) -> list[Versioned]:
    """Run a query for orders, and one more for their items, whatever their number."""
    orders = connection.execute(query).mappings().all()
    ids = [order["id"] for order in orders]
    wanted = select(_items).where(_items.c.order_id.in_(ids)).order_by(_items.c.order_id, _items.c.position)
    lines = connection.execute(wanted).mappings().all()
    items = {order_id: list(map(_item, group)) for order_id, group in groupby(lines, lambda line: line["order_id"])}
    return [Versioned(Order(items=items[order["id"]], **order), order["version"]) for order in orders]


def _item(line: RowMapping) -> OrderItem:
    return OrderItem(sku=line["sku"], quantity=line["quantity"], unit_price_cents=line["unit_price_cents"])
