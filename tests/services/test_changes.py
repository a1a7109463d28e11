"""Changing an order: from the state that the caller knows, by a step that there is, and only one of two at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from services.contract import check_json, check_problem, places
from services.running import Service
from services.test_orders import an_order

PATCH = "application/merge-patch+json"
STALE = "The order has changed; read it again."
MISSING = "Say in If-Match which state of the order the change is meant for."


@pytest.fixture
def created(client: httpx.Client) -> httpx.Response:
    """Create an order."""
    return client.post("/v1/orders", json=an_order())


def change(
    client: httpx.Client, order: httpx.Response, status: Any, if_match: str | None, media_type: str = PATCH
) -> httpx.Response:
    headers = {"content-type": media_type} | ({} if if_match is None else {"if-match": if_match})
    return client.patch(order.headers["location"], json={"status": status}, headers=headers)


def test_a_step_changes_status_time_and_etag(client: httpx.Client, created: httpx.Response) -> None:
    etag = created.headers["etag"]
    answer = change(client, created, "confirmed", etag)
    order = check_json(answer, 200, "Order")
    assert order["status"] == "confirmed"
    assert order["updated_at"] > order["created_at"]
    assert order | {"status": "new", "updated_at": created.json()["updated_at"]} == created.json()
    assert answer.headers["etag"] != etag
    read = client.get(created.headers["location"])
    assert (read.json(), read.headers["etag"]) == (order, answer.headers["etag"])
    listed = client.get("/v1/orders", params={"limit": 200}).json()["orders"]
    assert order in listed


def test_the_status_it_has_changes_nothing(client: httpx.Client, created: httpx.Response) -> None:
    answer = change(client, created, "new", created.headers["etag"])
    assert check_json(answer, 200, "Order") == created.json()
    assert answer.headers["etag"] == created.headers["etag"]


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        (["confirmed", "cancelled"], True),
        (["cancelled", "cancelled"], True),
        (["confirmed", "new"], False),
        (["cancelled", "confirmed"], False),
        (["cancelled", "new"], False),
    ],
)
def test_only_some_steps_exist(
    client: httpx.Client, created: httpx.Response, steps: list[str], *, allowed: bool
) -> None:
    assert change(client, created, steps[0], "*").status_code == 200
    last = change(client, created, steps[1], "*")
    if allowed:
        assert check_json(last, 200, "Order")["status"] == steps[1]
    else:
        check_problem(last, 409, f"An order that is {steps[0]} cannot become {steps[1]}.")


@pytest.mark.parametrize("if_match", ['"stale"', 'W/"1"', "1", '"', '"2", "3"'])
def test_another_tag_is_a_failed_precondition(client: httpx.Client, created: httpx.Response, if_match: str) -> None:
    check_problem(change(client, created, "confirmed", if_match), 412, STALE)


def test_one_of_several_tags_is_enough(client: httpx.Client, created: httpx.Response) -> None:
    assert change(client, created, "confirmed", f'"x", {created.headers["etag"]}').status_code == 200


def test_without_a_precondition_nothing_changes(client: httpx.Client, created: httpx.Response) -> None:
    check_problem(change(client, created, "confirmed", None), 428, MISSING)
    assert client.get(created.headers["location"]).json() == created.json()


@pytest.mark.parametrize(("status", "at"), [("lost", "#/status"), (None, "#/status"), (1, "#/status")])
def test_a_bad_change_is_named_before_anything_else(client: httpx.Client, status: Any, at: str) -> None:
    headers = {"content-type": PATCH}
    answer = client.patch("/v1/orders/00000000-0000-4000-8000-000000000000", json={"status": status}, headers=headers)
    assert places(check_problem(answer, 422)) == [at]


def test_what_is_not_there_cannot_be_changed(client: httpx.Client) -> None:
    headers = {"content-type": PATCH}
    for wrong in ("x", "00000000-0000-4000-8000-000000000000"):
        check_problem(client.patch(f"/v1/orders/{wrong}", json={"status": "confirmed"}, headers=headers), 404)


def test_a_change_has_a_media_type_of_its_own(client: httpx.Client, created: httpx.Response) -> None:
    check_problem(change(client, created, "confirmed", "*", "application/json"), 415)


def test_of_changes_at_once_one_wins(service: Service, client: httpx.Client, created: httpx.Response) -> None:
    def attempt(status: str) -> int:
        with httpx.Client(base_url=service.public, timeout=30) as own:
            return change(own, created, status, created.headers["etag"]).status_code

    with ThreadPoolExecutor(16) as at_once:
        answers = list(at_once.map(attempt, ["confirmed", "cancelled"] * 8))
    assert sorted(answers) == [200] + [412] * 15
    assert client.get(created.headers["location"]).json()["status"] in ("confirmed", "cancelled")


@pytest.mark.parametrize("known", ["{}", "W/{}", '"x", {}', "*"])
def test_what_the_caller_has_is_not_sent_again(client: httpx.Client, created: httpx.Response, known: str) -> None:
    headers = {"if-none-match": known.format(created.headers["etag"])}
    answer = client.get(created.headers["location"], headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == created.headers["etag"]
    other = client.get(created.headers["location"], headers={"if-none-match": '"other"'})
    assert check_json(other, 200, "Order") == created.json()
