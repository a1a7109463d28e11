"""Idempotency-Key: one effect for each key, the stored response byte for byte, whatever happens in between.

The rules are those of draft-ietf-httpapi-idempotency-key-header-07, a work in progress.
"""

import signal
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from services.conftest import Start
from services.contract import check_json, check_problem

AT_ONCE = 50
OTHER_REQUEST = "The Idempotency-Key was used with another request."
NOT_A_KEY = "The Idempotency-Key is not 1 to 255 visible ASCII characters."


def an_order(customer: str, quantity: int = 1) -> dict[str, Any]:
    return {"customer_id": customer, "items": [{"sku": "book", "quantity": quantity, "unit_price_cents": 5}]}


def post(client: httpx.Client, key: str | bytes, order: dict[str, Any]) -> httpx.Response:
    return client.post(
        "/v1/orders", json=order, headers=[(b"Idempotency-Key", key.encode() if isinstance(key, str) else key)]
    )


def stored(client: httpx.Client, customer: str) -> int:
    """Return how many orders the customer has."""
    return len(client.get("/v1/orders", params={"customer_id": customer, "limit": 200}).json()["orders"])


def check_replay(again: httpx.Response, first: httpx.Response) -> None:
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]


def test_the_same_request_again_gets_the_stored_response(client: httpx.Client) -> None:
    key, customer = str(uuid.uuid4()), str(uuid.uuid4())
    first = post(client, key, an_order(customer))
    check_json(first, 201, "Order")
    again = post(client, key, an_order(customer))
    check_json(again, 201, "Order")
    check_replay(again, first)
    assert stored(client, customer) == 1


def test_a_quoted_key_is_the_same_as_the_bare_one(client: httpx.Client) -> None:
    key, customer = str(uuid.uuid4()), str(uuid.uuid4())
    first = post(client, f'"{key}"', an_order(customer))
    check_replay(post(client, key, an_order(customer)), first)


def test_the_replay_is_of_that_time(client: httpx.Client) -> None:
    """What happened to the order since then is not in it."""
    key, customer = str(uuid.uuid4()), str(uuid.uuid4())
    first = post(client, key, an_order(customer))
    headers = {"If-Match": first.headers["etag"], "content-type": "application/merge-patch+json"}
    changed = client.patch(first.headers["location"], content=b'{"status": "confirmed"}', headers=headers)
    assert changed.status_code == 200
    check_replay(post(client, key, an_order(customer)), first)


def test_another_body_is_refused(client: httpx.Client) -> None:
    key, customer = str(uuid.uuid4()), str(uuid.uuid4())
    assert post(client, key, an_order(customer)).status_code == 201
    check_problem(post(client, key, an_order(customer, quantity=2)), 422, OTHER_REQUEST)
    assert stored(client, customer) == 1


def test_keys_are_apart(client: httpx.Client) -> None:
    customer = str(uuid.uuid4())
    made = {post(client, str(uuid.uuid4()), an_order(customer)).json()["id"] for _ in range(3)}
    assert len(made) == stored(client, customer) == 3


def test_a_refused_request_leaves_the_key_free(client: httpx.Client) -> None:
    key, customer = str(uuid.uuid4()), str(uuid.uuid4())
    check_problem(post(client, key, an_order(customer, quantity=0)), 422)
    assert post(client, key, an_order(customer)).status_code == 201


@pytest.mark.parametrize("key", ["k", "k" * 255, 'a"b', "!~", '"' + "q" * 255 + '"'])
def test_what_may_be_a_key(client: httpx.Client, key: str) -> None:
    first = post(client, key, an_order("ada"))
    assert first.status_code == 201
    check_replay(post(client, key, an_order("ada")), first)


@pytest.mark.parametrize("key", ["", '""', "k" * 256, '"' + "k" * 256 + '"', "é".encode(), b"a\tb", "\x7f"])
def test_what_may_not(client: httpx.Client, key: str | bytes) -> None:
    response = post(client, key, an_order("ada"))
    if key == "\x7f" and response.status_code == 400:
        return  # a server may refuse it before the service sees it
    check_problem(response, 400, NOT_A_KEY)


def test_two_keys_are_refused(client: httpx.Client) -> None:
    headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    check_problem(client.post("/v1/orders", json=an_order("ada"), headers=headers), 400, NOT_A_KEY)


def test_at_once_there_is_one_effect(client: httpx.Client) -> None:
    key, customer = str(uuid.uuid4()), str(uuid.uuid4())

    def send(_: int) -> httpx.Response:
        return httpx.post(
            f"{client.base_url}/v1/orders", json=an_order(customer), headers={"Idempotency-Key": key}, timeout=60
        )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send, range(AT_ONCE)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}, statuses
    bodies = {answer.content for answer in answers if answer.status_code == 201}
    assert len(bodies) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers if answer.status_code == 201) == 1
    for answer in answers:
        if answer.status_code == 409:
            check_problem(answer, 409, "A request with this Idempotency-Key is in progress.")
            assert answer.headers["retry-after"] == "1"
    assert stored(client, customer) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_key_survives_the_process(launch: Start, fresh: dict[str, str], number: signal.Signals) -> None:
    service = launch(fresh).wait_until_ready()
    with httpx.Client(base_url=service.public) as client:
        first = post(client, "survivor", an_order("ada"))
    service.stop(number)
    again = launch(fresh).wait_until_ready()
    with httpx.Client(base_url=again.public) as client:
        check_replay(post(client, "survivor", an_order("ada")), first)
        assert stored(client, "ada") == 1
    assert again.stop() == 0


def test_a_key_is_forgotten_when_its_time_is_over(launch: Start, fresh: dict[str, str]) -> None:
    service = launch(fresh | {"APP_IDEMPOTENCY_TTL_SECONDS": "2"}).wait_until_ready()
    with httpx.Client(base_url=service.public) as client:
        first = post(client, "short", an_order("ada"))
        deadline = time.monotonic() + 30
        while "idempotency-replayed" in (again := post(client, "short", an_order("ada"))).headers:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert again.status_code == 201
        assert again.json()["id"] != first.json()["id"]
        assert stored(client, "ada") == 2
    assert service.stop() == 0
