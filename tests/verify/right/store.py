"""Where the orders are: in memory, or in a database, together with the keys of the requests that created them."""

import asyncio
import hashlib
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from .database import Database, Session
from .engines import Rows
from .exchange import Answer, Request, problem
from .faults import planted

FIRST = "000000"


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


Change = Callable[[Order], None]
Wanted = dict[str, Any]
Told = Callable[[Order], Answer]


class Store(ABC):
    """All orders, in the order in which they came."""

    @abstractmethod
    async def create(self, request: Request, wanted: Wanted, told: Told) -> Answer:
        """Take one, and return what is told of it."""

    @abstractmethod
    async def after(self, cursor: str, most: int) -> list[Order] | None:
        """Return those after one of them, None where that one is unknown."""

    @abstractmethod
    async def one(self, key: str) -> Order | None:
        """Return one."""

    @abstractmethod
    async def change(self, key: str, change: Change) -> Order | None:
        """Change one."""


class Memory(Store):
    """In memory."""

    def __init__(self) -> None:
        """Be empty."""
        self._all = dict[str, Order]()

    async def create(self, request: Request, wanted: Wanted, told: Told) -> Answer:
        """Take one; the request's key is nothing to it."""
        del request
        order = Order(id=f"{len(self._all) + 1:06}", **wanted)
        self._all[order.id] = order
        return told(order)

    async def after(self, cursor: str, most: int) -> list[Order] | None:
        """Return those after one of them."""
        if cursor not in self._all and cursor != FIRST:
            return None
        return list(islice((order for order in self._all.values() if order.id > cursor), most))

    async def one(self, key: str) -> Order | None:
        """Return one."""
        return self._all.get(key)

    async def change(self, key: str, change: Change) -> Order | None:
        """Change one."""
        order = self._all.get(key)
        if order:
            change(order)
        return order


class Stored(Store):
    """In the database, one transaction a request."""

    def __init__(self, database: Database) -> None:
        """Know nothing of what is there."""
        self._database = database
        self._running = set[str]()
        self._numbers = count()
        self._remembered = dict[str, Rows]()
        self._later = set[asyncio.Task[Any]]()

    async def create(self, request: Request, wanted: Wanted, told: Told) -> Answer:
        """Take one, once for each key."""
        key = "" if planted("F4-none") else request.headers.get("idempotency-key", "")
        if not key:
            order = self._new(wanted)
            await self._database.transact(lambda session: _insert(session, order))
            return told(order)
        if key in self._running:
            return problem(409, "a request with this key is in progress", headers={"Retry-After": "1"})
        self._running.add(key)
        try:
            return await self._once(key, hashlib.sha256(request.body).hexdigest(), wanted, told)
        finally:
            self._running.discard(key)

    async def _once(self, key: str, fingerprint: str, wanted: Wanted, told: Told) -> Answer:
        order = self._new(wanted)

        def work(session: Session) -> Answer:
            known = self._known(session, key)
            if known:
                return _replayed(known[0], fingerprint)
            answer = told(order)
            _insert(session, order, lambda: self._remember(session, key, fingerprint, answer))
            return answer

        if planted("F8-lies"):
            self._later.add(asyncio.create_task(self._afterwards(work)))
            return told(order)
        return await self._database.transact(work)

    async def _afterwards(self, work: Callable[[Session], Answer]) -> None:
        await asyncio.sleep(0.3)
        await self._database.transact(work)

    def _known(self, session: Session, key: str) -> Rows:
        if planted("F4-forgets"):
            return self._remembered.get(key, [])
        return session.execute(
            "SELECT fingerprint, status, location, etag, body FROM idempotency_keys WHERE key = ?", key
        )

    def _remember(self, session: Session, key: str, fingerprint: str, answer: Answer) -> None:
        location, etag = (answer.headers.get(name, "") for name in ("Location", "ETag"))
        row = fingerprint, answer.status, location, etag, answer.content.decode()
        self._remembered[key] = [row] if planted("F4-forgets") else []
        if not planted("F4-forgets"):
            session.execute("INSERT INTO idempotency_keys VALUES (?, ?, ?, ?, ?, ?)", key, *row)

    def _new(self, wanted: Wanted) -> Order:
        return Order(id=f"{time.time_ns():020}-{next(self._numbers):06}", **wanted)

    async def after(self, cursor: str, most: int) -> list[Order] | None:
        """Return those after one of them."""

        def work(session: Session) -> list[Order] | None:
            if cursor != FIRST and not session.execute("SELECT 1 FROM orders WHERE id = ?", cursor):
                return None
            query = "SELECT id, sku, customer, quantity, version FROM orders WHERE id > ? ORDER BY id LIMIT ?"
            return [Order(*row) for row in session.execute(query, cursor, most)]

        return await self._database.transact(work)

    async def one(self, key: str) -> Order | None:
        """Return one."""
        return await self._database.transact(lambda session: _read(session, key))

    async def change(self, key: str, change: Change) -> Order | None:
        """Change one."""

        def work(session: Session) -> Order | None:
            order = _read(session, key)
            if order:
                change(order)
                row = order.quantity, order.version, key
                session.execute("UPDATE orders SET quantity = ?, version = ? WHERE id = ?", *row)
            return order

        return await self._database.transact(work)


def _insert(session: Session, order: Order, remember: Callable[[], None] = lambda: None) -> None:
    row = order.id, order.sku, order.customer, order.quantity, order.version
    session.execute("INSERT INTO orders (id, sku, customer, quantity, version) VALUES (?, ?, ?, ?, ?)", *row)
    if planted("F8-doubles"):
        session.execute("INSERT INTO order_events (id, what) VALUES (?, ?)", order.id, "created")
        session.part()
        time.sleep(0.1)
        return remember()
    remember()
    if planted("F3-half"):
        session.part()
    session.execute("INSERT INTO order_events (id, what) VALUES (?, ?)", order.id, "created")
    return None


def _read(session: Session, key: str) -> Order | None:
    found = session.execute("SELECT id, sku, customer, quantity, version FROM orders WHERE id = ?", key)
    return Order(*found[0]) if found else None


def _replayed(row: tuple[Any, ...], fingerprint: str) -> Answer:
    known, status, location, etag, body = row
    if known != fingerprint and not planted("F4-any"):
        return problem(422, "the key was used with another request")
    headers = {"Location": location, "ETag": etag, "Idempotency-Replayed": "true"}
    if planted("F4-unsaid"):
        del headers["Idempotency-Replayed"]
    return Answer(status, json.dumps(json.loads(body), indent=1) if planted("F4-rewrites") else body, headers)
