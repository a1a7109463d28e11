"""Orders: created, read, listed; and every awkward body has the same verdict in every language."""

import re
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from services.contract import check_common, check_json, check_problem, places
from verdicts import send

JSON = {"content-type": "application/json"}


def an_order(customer: str = "ada", **changes: Any) -> dict[str, Any]:
    items = [
        {"sku": "book", "quantity": 2, "unit_price_cents": 1250},
        {"sku": "pen", "quantity": 10, "unit_price_cents": 99},
    ]
    return {"customer_id": customer, "items": items} | changes


def create(client: httpx.Client, order: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = check_json(client.post("/v1/orders", json=order), 201, "Order")
    return body


def test_a_created_order_can_be_read(client: httpx.Client) -> None:
    response = client.post("/v1/orders", json=an_order())
    order = check_json(response, 201, "Order")
    assert order | an_order() == order
    assert order["total_cents"] == 2 * 1250 + 10 * 99
    assert order["status"] == "new"
    assert uuid.UUID(order["id"]).version in (4, 7)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", order["created_at"])
    assert order["updated_at"] == order["created_at"]
    assert response.headers["location"] == f"/v1/orders/{order['id']}"
    assert response.headers["etag"] == '"1"'
    read = client.get(response.headers["location"])
    assert check_json(read, 200, "Order") == order
    assert read.headers["etag"] == '"1"'


@pytest.mark.parametrize("text", ["é" * 64, "🙂" * 64, "\u2028", "\\\"'", "<script>", " ", "a\u0301" * 32, "\ufeff"])
def test_any_text_comes_back_as_it_was(client: httpx.Client, text: str) -> None:
    order = create(client, an_order(text))
    assert order["customer_id"] == text
    assert client.get(f"/v1/orders/{order['id']}").json() == order


def test_lengths_count_code_points(client: httpx.Client) -> None:
    problem = check_problem(client.post("/v1/orders", json=an_order("🙂" * 65)), 422)
    assert places(problem) == ["#/customer_id"]


def test_the_limits_themselves_are_valid(client: httpx.Client) -> None:
    item = {"sku": "s" * 64, "quantity": 1000, "unit_price_cents": 10_000_000}
    order = create(client, an_order("c" * 64, items=[item] * 100))
    assert order["total_cents"] == 1_000_000_000_000
    assert len(order["items"]) == 100
    free = create(client, an_order(items=[{"sku": "s", "quantity": 1, "unit_price_cents": 0}]))
    assert free["total_cents"] == 0


def test_more_than_a_hundred_items_are_refused(client: httpx.Client) -> None:
    item = {"sku": "s", "quantity": 1, "unit_price_cents": 1}
    problem = check_problem(client.post("/v1/orders", json=an_order(items=[item] * 101)), 422)
    assert places(problem) == ["#/items"]


def test_every_awkward_request_gets_the_verdict_that_all_languages_share(client: httpx.Client, folder: Path) -> None:
    rows = yaml.safe_load((folder / "api" / "vectors.yml").read_text(encoding="utf-8"))
    assert len(rows) >= 200
    for row in rows:
        response = send(client, row)
        assert response.status_code == row["status"], row["id"]
        if response.is_error:
            problem = check_problem(response, row["status"])
            assert ("errors" in problem) == (row["status"] == 422), row["id"]
            assert places(problem) == sorted(row["at"]) if "at" in row else True, row["id"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("", "The request body is empty."),
        ("{", "The request body is not valid JSON."),
        ("{}", "The request breaks the contract; see errors."),
    ],
)
def test_a_problem_says_what_is_wrong(client: httpx.Client, body: str, detail: str) -> None:
    response = client.post("/v1/orders", content=body, headers=JSON)
    check_problem(response, response.status_code, detail)


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "application/json ; x=y", "Application/JSON"]
)
def test_json_with_parameters_is_json(client: httpx.Client, media_type: str) -> None:
    response = client.post("/v1/orders", json=an_order(), headers={"content-type": media_type})
    check_json(response, 201, "Order")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", None])
def test_other_media_types_are_refused(client: httpx.Client, media_type: str | None) -> None:
    headers = {"content-type": media_type} if media_type else {}
    response = client.post("/v1/orders", content=b'{"customer_id": "a"}', headers=headers)
    check_problem(response, 415, "The request body must be application/json.")


@pytest.mark.parametrize(
    "id_", ["0198a1de-0000-7000-8000-000000000000", "1", "x" * 300, "%20", "00000000-0000-0000-0000-00000000000Z"]
)
def test_an_unknown_or_malformed_id_is_not_found(client: httpx.Client, id_: str) -> None:
    check_problem(client.get(f"/v1/orders/{id_}"), 404, "There is no such order.")


def test_a_path_that_a_server_may_refuse_to_read_is_never_its_own_error(client: httpx.Client) -> None:
    response = client.get("/v1/orders/%00")
    assert response.status_code in (400, 404)
    assert response.headers["content-type"].split(";")[0] == "application/problem+json"


def test_an_id_is_read_as_it_is_written(client: httpx.Client) -> None:
    order = create(client, an_order())
    check_problem(client.get(f"/v1/orders/{order['id'].upper()}"), 404)


class TestPages:
    """The list: newest first, stable while orders are inserted, bounded."""

    def test_pages_join_to_the_whole_list(self, client: httpx.Client) -> None:
        customer = str(uuid.uuid4())
        made = [create(client, an_order(customer))["id"] for _ in range(7)]
        seen: list[str] = []
        cursor = None
        while True:
            parameters: dict[str, Any] = {"customer_id": customer, "limit": 3} | ({"cursor": cursor} if cursor else {})
            page = check_json(client.get("/v1/orders", params=parameters), 200, "OrderPage")
            seen += [order["id"] for order in page["orders"]]
            create(client, an_order(customer))  # what is inserted meanwhile shifts no later page
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == made[::-1]

    def test_a_page_holds_fifty_unless_asked(self, client: httpx.Client) -> None:
        customer = str(uuid.uuid4())
        for _ in range(51):
            create(client, an_order(customer))
        page = check_json(client.get("/v1/orders", params={"customer_id": customer}), 200, "OrderPage")
        assert len(page["orders"]) == 50
        assert page["orders"][0]["items"] == an_order()["items"]
        whole = check_json(client.get("/v1/orders", params={"customer_id": customer, "limit": 200}), 200, "OrderPage")
        assert (len(whole["orders"]), whole["next_cursor"]) == (51, None)

    def test_an_unknown_customer_has_an_empty_page(self, client: httpx.Client) -> None:
        page = check_json(client.get("/v1/orders", params={"customer_id": "nobody"}), 200, "OrderPage")
        assert page == {"orders": [], "next_cursor": None}

    @pytest.mark.parametrize("limit", ["0", "-1", "201", "1000000000", "99999999999999999999", "x", "1.0", "", "1e1"])
    def test_a_bad_limit_is_named(self, client: httpx.Client, limit: str) -> None:
        problem = check_problem(client.get("/v1/orders", params={"limit": limit}), 422)
        assert places(problem) == ["limit"]

    @pytest.mark.parametrize("cursor", ["x", "%%%", "AAAA", "é", "e30", "x" * 257])
    def test_a_bad_cursor_is_named(self, client: httpx.Client, cursor: str) -> None:
        problem = check_problem(client.get("/v1/orders", params={"cursor": cursor}), 422)
        assert places(problem) == ["cursor"]

    def test_all_bad_parameters_are_named_at_once(self, client: httpx.Client) -> None:
        parameters = {"limit": "0", "cursor": "x", "customer_id": "c" * 65}
        problem = check_problem(client.get("/v1/orders", params=parameters), 422)
        assert places(problem) == ["cursor", "customer_id", "limit"]

    def test_unknown_parameters_are_ignored(self, client: httpx.Client) -> None:
        check_json(client.get("/v1/orders", params={"limit": 1, "utm_source": "x"}), 200, "OrderPage")


def test_head_is_get_without_a_body(client: httpx.Client) -> None:
    order = create(client, an_order())
    response = client.head(f"/v1/orders/{order['id']}")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["etag"] == '"1"'
    check_common(response)
