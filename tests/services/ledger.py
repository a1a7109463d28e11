"""Who counts: writers that note what was acknowledged, and the comparison with what is stored afterwards."""

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx


def an_order(customer: str) -> dict[str, Any]:
    return {"customer_id": customer, "items": [{"sku": "book", "quantity": 1, "unit_price_cents": 5}]}


@dataclass
class Writer:
    """Creates orders one after another, each with a key of its own; after a failure the same request again.

    So each request ends acknowledged, whatever dies in between, unless it is still open when writing stops.
    """

    ports: list[str]  # the base URL of the process that serves now; the last is the newest
    acknowledged: dict[str, str] = field(default_factory=dict)  # the order's id by its customer, one for each request
    begun: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Write until stopped."""
        while not self.stopped.is_set():
            customer = str(uuid.uuid4())
            self.begun.append(customer)
            while not self.stopped.is_set() and not self._try(customer):
                time.sleep(0.02)

    def _try(self, customer: str) -> bool:
        try:
            response = httpx.post(
                f"{self.ports[-1]}/v1/orders",
                json=an_order(customer),
                headers={"Idempotency-Key": customer},
                timeout=10,
            )
        except httpx.TransportError:
            return False
        if response.status_code == 201:
            self.acknowledged[customer] = response.json()["id"]
            return True
        assert response.status_code in (409, 503), response.text
        return False


@dataclass
class Balance:
    """What a comparison found."""

    acknowledged: int
    lost: list[str]
    doubled: list[str]
    unknown: list[str]


def balance(writers: list[Writer], base: str) -> Balance:
    """Compare what was acknowledged with all the orders that the service lists."""
    stored: list[tuple[str, str]] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = httpx.get(f"{base}/v1/orders", params=query, timeout=30).json()
        stored += [(order["customer_id"], order["id"]) for order in page["orders"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    acknowledged = {customer: id_ for writer in writers for customer, id_ in writer.acknowledged.items()}
    begun = {customer for writer in writers for customer in writer.begun}
    times = Counter(customer for customer, _ in stored)
    return Balance(
        acknowledged=len(acknowledged),
        lost=[customer for customer, id_ in acknowledged.items() if (customer, id_) not in set(stored)],
        doubled=[customer for customer, number in times.items() if number > 1],
        unknown=[customer for customer in times if customer not in begun],
    )
