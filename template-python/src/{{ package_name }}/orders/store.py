"""Orders in the database. The tables are made by migrations/versions; this is what the queries need of them."""

import uuid
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    RowMapping,
    Select,
    Table,
    Text,
    bindparam,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)

from ..platform.data import Data
from ..platform.statement import Query, Row, Statement
from .cursor import Cursor
from .model import NewOrder, Order, OrderId, OrderItem, OrderPage, OrderStatus, Versioned

_metadata = MetaData()
_orders = Table(
    "orders",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("customer_id", Text),
    Column("total_cents", BigInteger),
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
    Column("unit_price_cents", BigInteger),
)
# What most requests do; the rest is put together for each of them.
_INSERT = Statement(insert(_orders))
_FIND = Query(
    select(_orders, _items.c.sku, _items.c.quantity, _items.c.unit_price_cents)
    .join(_items, _items.c.order_id == _orders.c.id)
    .where(_orders.c.id == bindparam("wanted"))
    .order_by(_items.c.position)
)


class OrderStore:
    """All orders."""

    def __init__(self, data: Data) -> None:
        """Keep the orders in the database of `data`."""
        self._data = data
        self._database = data.database

    def add(self, connection: Connection, new: NewOrder) -> Versioned:
        """Store a new order in a transaction, and return it; tell `announce` when that is committed."""
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
        _insert(connection, added)
        self._record(connection, "order.created", order)
        return added

    def announce(self) -> None:
        """Let the events of what was committed be sent now."""
        self._data.relay.wake()

    async def find(self, order_id: OrderId) -> Versioned | None:
        """Return an order, or None when there is none of that id."""
        rows = await self._database.rows(_FIND, {"wanted": order_id})
        return _joined(rows) if rows else None

    async def change(self, known: Versioned, status: OrderStatus) -> Versioned | None:
        """Give an order another status and return it; None when it is no longer as it is known."""
        order = known.order.model_copy(update={"status": status, "updated_at": _now()})
        changed = Versioned(order, known.version + 1)
        if not await self._database.write(self._replace, known, changed):
            return None
        self.announce()
        return changed

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

    def _replace(self, connection: Connection, known: Versioned, changed: Versioned) -> bool:
        """Write a change, unless somebody else was faster: the version in the condition decides."""
        as_known = (_orders.c.id == known.order.id) & (_orders.c.version == known.version)
        order = changed.order
        values = {"status": order.status, "updated_at": order.updated_at, "version": changed.version}
        is_changed = connection.execute(update(_orders).where(as_known).values(values)).rowcount == 1
        if is_changed:
            self._record(connection, "order.changed", order)
        return is_changed

    def _record(self, connection: Connection, kind: str, order: Order) -> None:
        self._data.record(connection, f"order {order.id}", kind, order.model_dump())


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _insert(connection: Connection, added: Versioned) -> None:
    order = added.order
    _INSERT.run(connection, {**order.model_dump(exclude={"items"}), "version": added.version})
    given = {f"{name}_{n}": value for n, item in enumerate(order.items) for name, value in item.model_dump().items()}
    _insert_items(len(order.items)).run(connection, {"order_id": order.id, **given})


@cache  # for each number of items that the contract allows
def _insert_items(number: int) -> Statement:
    """Return what inserts so many items at once."""
    lines: list[dict[str, ColumnElement[Any]]] = [
        {
            "order_id": bindparam("order_id"),
            "position": literal_column(str(position)),
            **{column: bindparam(f"{column}_{position}") for column in OrderItem.model_fields},
        }
        for position in range(number)
    ]
    return Statement(insert(_items).values(lines))


def _joined(rows: list[Row]) -> Versioned:
    """Return an order that comes with each of its items."""
    identity, customer_id, total_cents, status, version, created_at, updated_at, *_ = rows[0]
    order = Order(
        id=identity,
        customer_id=customer_id,
        items=[OrderItem(sku=sku, quantity=quantity, unit_price_cents=price) for *_, sku, quantity, price in rows],
        total_cents=total_cents,
        status=status,
        created_at=created_at,
        updated_at=updated_at,
    )
    return Versioned(order, version)


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
