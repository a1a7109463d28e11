"""Quotes: every supplier asked at once, under one deadline, with the disciplines of calls to others."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.conftest import Start
from services.contract import check_json, check_problem, places
from services.running import Service
from trivium.verify.upstream import Upstream

ASKED = {"sku": "a b/&?é", "quantity": 3}
BEARER = "a-word-of-the-tests"
TIMEOUT = 1.0  # seconds for a supplier

Outcome = Callable[[str, str], float]


def supplier(cents: object) -> Upstream:
    return Upstream(f'{{"unit_price_cents": {cents}, "currency": "EUR"}}')


@pytest.fixture
def suppliers() -> Iterator[list[Upstream]]:
    """Open two suppliers, the second the cheaper one."""
    opened = [supplier(250), supplier(200)]
    yield opened
    for upstream in opened:
        upstream.close()


@pytest.fixture
def asking(launch: Start, suppliers: list[Upstream], tmp_path: Path) -> Iterator[Service]:
    """Start a service that asks both."""
    started = launch(
        {
            "APP_DATABASE_URL": f"sqlite:///{tmp_path / 'orders.db'}",
            "APP_SUPPLIER_URLS": ",".join(f"{upstream.url}?shop=7" for upstream in suppliers),
            "APP_SUPPLIER_TIMEOUT_SECONDS": str(TIMEOUT),
            "APP_SUPPLIER_TOKEN": BEARER,
        }
    ).wait_until_ready()
    yield started
    started.end()


@pytest.fixture
def quote(asking: Service) -> Iterator[Callable[..., httpx.Response]]:
    """Ask for a quote."""
    with httpx.Client(base_url=asking.public, timeout=30) as client:
        yield lambda require="all", **headers: client.post(
            "/v1/quotes", json=ASKED | {"require": require}, headers=headers
        )


@pytest.fixture
def counted(asking: Service) -> Outcome:
    """Count the calls to a supplier by outcome."""

    def count(dependency: str, outcome: str) -> float:
        text = httpx.get(f"{asking.admin}/metrics").text
        found = 0.0
        for line in re.findall(r"^app_outbound_requests_total\{.*$", text, re.MULTILINE):
            if f'dependency="{dependency}"' in line and f'outcome="{outcome}"' in line:
                found += float(line.rsplit(" ", 1)[1])
        return found

    return count


def test_the_cheapest_is_the_best(
    quote: Callable[..., httpx.Response], suppliers: list[Upstream], counted: Outcome
) -> None:
    body = check_json(quote(), 200, "Quotes")
    assert body == {
        "quotes": [
            {"supplier": "supplier-2", "unit_price_cents": 200},
            {"supplier": "supplier-1", "unit_price_cents": 250},
        ],
        "best": {"supplier": "supplier-2", "unit_price_cents": 200},
        "failed": [],
    }
    for number, upstream in enumerate(suppliers, start=1):
        assert len(upstream.calls) == 1
        assert counted(f"supplier-{number}", "success") == 1


def test_what_a_supplier_is_told(quote: Callable[..., httpx.Response], suppliers: list[Upstream]) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    quote(traceparent=f"00-{trace}-b7ad6b7169203331-01")
    (call,) = suppliers[0].calls
    asked = parse_qs(urlsplit(call.path).query, strict_parsing=True)
    assert asked == {"shop": ["7"], "sku": [ASKED["sku"]], "quantity": ["3"]}
    assert call.headers["traceparent"].split("-")[1] == trace
    assert call.headers["traceparent"].split("-")[2] != "b7ad6b7169203331"
    assert 0 < int(call.headers["x-request-timeout-ms"]) <= TIMEOUT * 1000
    assert call.headers["authorization"] == f"Bearer {BEARER}"
    assert call.headers["accept"] == "application/json"
    assert call.headers["user-agent"].startswith("orders/")


def test_it_takes_as_long_as_the_slowest_not_as_the_sum(
    quote: Callable[..., httpx.Response], suppliers: list[Upstream]
) -> None:
    for upstream in suppliers:
        upstream.delay = 0.6
    begun = time.monotonic()
    assert quote().status_code == 200
    assert 0.6 <= time.monotonic() - begun < 1.1


def test_the_first_failure_ends_the_others(quote: Callable[..., httpx.Response], suppliers: list[Upstream]) -> None:
    suppliers[0].close()
    suppliers[1].delay = 0.9
    begun = time.monotonic()
    check_problem(quote(), 502, "A supplier failed.")
    assert time.monotonic() - begun < 0.85
    wait_until(lambda: suppliers[1].calls[0].left_after is not None)


def test_a_supplier_that_is_too_slow(
    quote: Callable[..., httpx.Response], suppliers: list[Upstream], counted: Outcome
) -> None:
    suppliers[0].delay = 30
    begun = time.monotonic()
    check_problem(quote(), 504, "A supplier did not answer in time.")
    assert TIMEOUT * 0.9 <= time.monotonic() - begun < TIMEOUT + 1
    assert counted("supplier-1", "timeout") == 1
    wait_until(lambda: suppliers[0].calls[0].left_after is not None)


def test_any_takes_what_arrived(quote: Callable[..., httpx.Response], suppliers: list[Upstream]) -> None:
    suppliers[0].delay = 30
    body = check_json(quote("any"), 200, "Quotes")
    assert [entry["supplier"] for entry in body["quotes"]] == ["supplier-2"]
    assert body["failed"] == [{"supplier": "supplier-1", "reason": "timeout"}]
    suppliers[1].close()
    body = check_json(quote("any"), 200, "Quotes")
    assert (body["quotes"], body["best"]) == ([], None)
    assert [entry["supplier"] for entry in body["failed"]] == ["supplier-1", "supplier-2"]
    assert body["failed"][1]["reason"] == "unavailable"


@pytest.mark.parametrize("cents", ['"250"', "2.5", "-1", "10000001", "true", "null", "[]"])
def test_an_answer_that_breaks_the_agreement(
    quote: Callable[..., httpx.Response], suppliers: list[Upstream], cents: str
) -> None:
    suppliers[0].body = f'{{"unit_price_cents": {cents}}}'.encode()
    body = check_json(quote("any"), 200, "Quotes")
    assert body["failed"] == [{"supplier": "supplier-1", "reason": "invalid"}]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff", b"{}" + b" " * 70_000])
def test_an_answer_that_is_no_object(
    quote: Callable[..., httpx.Response], suppliers: list[Upstream], content: bytes
) -> None:
    suppliers[0].body = content
    body = check_json(quote("any"), 200, "Quotes")
    assert body["failed"] == [{"supplier": "supplier-1", "reason": "invalid"}]


def test_one_failure_is_tried_again(quote: Callable[..., httpx.Response], suppliers: list[Upstream]) -> None:
    suppliers[0].failing = 1
    assert quote().status_code == 200
    assert len(suppliers[0].calls) == 2


def test_the_circuit_opens_and_closes(
    quote: Callable[..., httpx.Response], suppliers: list[Upstream], asking: Service
) -> None:
    suppliers[0].failing = -1
    for _ in range(5):
        check_problem(quote(), 502)
    before = len(suppliers[0].calls)
    refused = quote()
    check_problem(refused, 503, "A supplier is not asked for now; try again later.")
    assert refused.headers["retry-after"] == "2"
    assert len(suppliers[0].calls) == before
    body = check_json(quote("any"), 200, "Quotes")
    assert body["failed"] == [{"supplier": "supplier-1", "reason": "rejected"}]
    seen = httpx.get(f"{asking.admin}/health/dependencies")
    assert seen.json()["dependencies"]["supplier-1"] == {"status": "unavailable"}
    assert httpx.get(f"{asking.admin}/readyz").status_code == 200
    assert re.search(r'^app_circuit_open\{.*dependency="supplier-1".*\} 1', metrics(asking), re.MULTILINE)
    suppliers[0].failing = 0
    wait_until(lambda: quote().status_code == 200, seconds=5)
    assert re.search(r'^app_circuit_open\{.*dependency="supplier-1".*\} 0', metrics(asking), re.MULTILINE)
    told = [event for event in asking.events() if event.get("dependency") == "supplier-1"]
    assert [event["level"] for event in told] == ["warning", "info"]


def metrics(service: Service) -> str:
    return httpx.get(f"{service.admin}/metrics").text


def test_retries_stay_within_their_budget(quote: Callable[..., httpx.Response], suppliers: list[Upstream]) -> None:
    """The circuit is closed again by a success after every fourth failure, so that only the budget holds back."""
    asked = 40
    for number in range(asked):
        suppliers[0].failing = 0 if number % 5 == 4 else -1
        quote()
    assert len(suppliers[0].calls) <= 1.2 * asked


def test_a_client_that_leaves_ends_the_calls(asking: Service, suppliers: list[Upstream]) -> None:
    for upstream in suppliers:
        upstream.delay = 0.95
    with pytest.raises(httpx.TimeoutException):
        httpx.post(f"{asking.public}/v1/quotes", json=ASKED, timeout=0.3)
    wait_until(lambda: all(upstream.calls and upstream.calls[0].left_after for upstream in suppliers))
    assert all((upstream.calls[0].left_after or 9) < 0.9 for upstream in suppliers)


def test_a_caller_s_deadline_is_kept_and_passed_on(
    quote: Callable[..., httpx.Response], suppliers: list[Upstream]
) -> None:
    for upstream in suppliers:
        upstream.delay = 30
    begun = time.monotonic()
    assert quote(**{"X-Request-Timeout-Ms": "600"}).status_code in (503, 504)
    assert time.monotonic() - begun < 0.95
    assert int(suppliers[0].calls[0].headers["x-request-timeout-ms"]) <= 600


def test_bad_questions(client: httpx.Client) -> None:
    asked = {"sku": "", "quantity": 0, "require": "some", "more": 1}
    problem = check_problem(client.post("/v1/quotes", json=asked), 422)
    assert places(problem) == ["#/more", "#/quantity", "#/require", "#/sku"]


def test_without_suppliers(client: httpx.Client) -> None:
    response = client.post("/v1/quotes", json=ASKED)
    check_problem(response, 503, "No supplier is configured.")
    assert response.headers["retry-after"] == "60"


def wait_until(holds: Callable[[], bool], seconds: float = 3) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
