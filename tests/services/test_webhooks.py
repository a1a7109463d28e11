"""Events: written with their effect, delivered at least once, in order, signed; what waits survives the process."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from services.conftest import Start
from services.contract import check_schema
from services.receiver import SECRET, Receiver, receiving
from services.running import Service

SOON = 60  # seconds; what a killed process had claimed is due again after half of it
TOO_LONG = 'must be below APP_REQUEST_TIMEOUT_SECONDS, got "10000"'
ORDER = {"customer_id": "ada", "items": [{"sku": "book", "quantity": 1, "unit_price_cents": 5}]}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listen for webhooks."""
    with receiving() as listening:
        yield listening


@pytest.fixture
def sending(fresh: dict[str, str], receiver: Receiver) -> dict[str, str]:
    """Configure a service that sends its events to the receiver."""
    return fresh | {"APP_WEBHOOK_URLS": receiver.url, "APP_WEBHOOK_SECRET": SECRET}


def wait_for(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def create(service: Service) -> httpx.Response:
    response = httpx.post(f"{service.public}/v1/orders", json=ORDER, timeout=30)
    assert response.status_code == 201
    return response


def change(service: Service, order: httpx.Response, status: str) -> httpx.Response:
    headers = {"If-Match": order.headers["etag"], "content-type": "application/merge-patch+json"}
    path = f"{service.public}/v1/orders/{order.json()['id']}"
    response = httpx.patch(path, json={"status": status}, headers=headers, timeout=30)
    assert response.status_code == 200
    return response


def gauge(service: Service, name: str) -> float:
    found = re.search(rf"^{name}(?:\{{.*\}})? (\S+)$", httpx.get(f"{service.admin}/metrics").text, re.MULTILINE)
    assert found, f"there is no metric {name}"
    return float(found[1])


def test_events_come_signed_and_in_order(launch: Start, sending: dict[str, str], receiver: Receiver) -> None:
    service = launch(sending).wait_until_ready()
    order = create(service)
    cancelled = change(service, change(service, order, "confirmed"), "cancelled")
    wait_for(lambda: len(receiver.deliveries) >= 3, "three events")
    assert [delivery.event["type"] for delivery in receiver.deliveries] == [
        "order.created",
        "order.changed",
        "order.changed",
    ]
    assert [delivery.event["data"]["status"] for delivery in receiver.deliveries] == ["new", "confirmed", "cancelled"]
    assert receiver.deliveries[0].event["data"] == order.json()
    assert receiver.deliveries[2].event["data"] == cancelled.json()
    assert len({delivery.id for delivery in receiver.deliveries}) == 3
    for delivery in receiver.deliveries:
        check_schema(delivery.event["data"], "Order")
        assert delivery.is_signed()
        assert abs(int(delivery.headers["webhook-timestamp"]) - time.time()) < 60
        assert delivery.headers["content-type"].split(";")[0] == "application/json"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", delivery.event["timestamp"])
    wait_for(lambda: gauge(service, "app_outbox_lag") == 0, "an empty outbox")
    assert gauge(service, "app_outbox_oldest_seconds") == 0
    assert service.stop() == 0


def test_a_failed_event_is_sent_again_before_the_next_of_its_order(
    launch: Start, sending: dict[str, str], receiver: Receiver
) -> None:
    failures = iter([500, 302, 404])
    receiver.answer = lambda _: next(failures, 200)
    service = launch(sending).wait_until_ready()
    change(service, create(service), "confirmed")
    wait_for(lambda: len(receiver.accepted) == 2, "both events, after three failures")
    assert [delivery.event["type"] for delivery in receiver.accepted] == ["order.created", "order.changed"]
    attempts = [delivery for delivery in receiver.deliveries if delivery.id == receiver.accepted[0].id]
    assert [attempt.status for attempt in attempts] == [500, 302, 404, 200]
    assert {attempt.body for attempt in attempts} == {receiver.accepted[0].body}
    assert service.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_waits_is_sent_by_the_next_process(
    launch: Start, sending: dict[str, str], receiver: Receiver, number: signal.Signals
) -> None:
    receiver.answer = lambda _: 503
    service = launch(sending).wait_until_ready()
    order = create(service)
    wait_for(lambda: receiver.deliveries, "an attempt")
    wait_for(lambda: gauge(service, "app_outbox_lag") == 1, "one event in the outbox")
    assert "whsec_" not in "".join(service.lines)
    service.stop(number)
    receiver.answer = lambda _: 200
    again = launch(sending).wait_until_ready()
    wait_for(lambda: receiver.accepted, "the event, after the lease of the dead process at the latest")
    assert receiver.accepted[0].event["data"] == order.json()
    assert again.stop() == 0


def test_nothing_is_kept_for_nobody(launch: Start, fresh: dict[str, str]) -> None:
    service = launch(fresh).wait_until_ready()
    create(service)
    time.sleep(1.5)
    assert gauge(service, "app_outbox_lag") == 0
    assert service.stop() == 0


@pytest.mark.parametrize(
    ("settings", "key", "detail"),
    [
        ({"APP_WEBHOOK_URLS": "http://127.0.0.1:9/"}, "APP_WEBHOOK_SECRET", "must be set when APP_WEBHOOK_URLS is set"),
        ({"APP_WEBHOOK_SECRET": "hunter2"}, "APP_WEBHOOK_SECRET", "must be whsec_ and base64 of 24 to 64 bytes"),
        ({"APP_WEBHOOK_SECRET": "whsec_AAAA"}, "APP_WEBHOOK_SECRET", "must be whsec_ and base64 of 24 to 64 bytes"),
        ({"APP_DATABASE_POOL_TIMEOUT_MS": "10000"}, "APP_DATABASE_POOL_TIMEOUT_MS", TOO_LONG),
        ({"APP_IDEMPOTENCY_TTL_SECONDS": "0"}, "APP_IDEMPOTENCY_TTL_SECONDS", None),
        ({"APP_WEBHOOK_URLS": "ftp://x", "APP_WEBHOOK_SECRET": SECRET}, "APP_WEBHOOK_URLS", None),
    ],
)  # fmt: skip
def test_mistakes_are_named(launch: Start, settings: dict[str, str], key: str, detail: str | None) -> None:
    service = launch(settings)
    assert service.wait() == 2
    (error,) = [error for event in service.events() for error in event.get("errors", [])]
    assert error["key"] == key
    assert detail is None or error["detail"] == detail
    assert "hunter2" not in "".join(service.lines)
