"""The edges: routes, methods, limits, health, identity, metrics, logs."""

import re
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from services.contract import check_common, check_problem, document
from services.running import Service

PRIVATE = [
    "/",
    "/v1",
    "/v1/orders/",
    "/v2/orders",
    "/v1/orders/a/b",
    "/metrics",
    "/version",
    "/startupz",
    "/health/dependencies",
    "/docs",
    "/actuator",
    "/debug/pprof/",
    "/error",
]
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("path", PRIVATE)
def test_nothing_else_is_public(client: httpx.Client, path: str) -> None:
    check_problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/orders", {"GET", "HEAD", "POST"}),
        ("POST", "/v1/orders/1", {"GET", "HEAD", "PATCH"}),
        ("GET", "/v1/simulations", {"POST"}),
    ],
)
def test_other_methods_are_not_allowed(client: httpx.Client, method: str, path: str, allowed: set[str]) -> None:
    response = client.request(method, path)
    check_problem(response, 405, "This resource does not support the method.")
    assert {name.strip() for name in response.headers["allow"].split(",")} - {"OPTIONS"} == allowed


def test_a_method_nobody_knows_is_the_client_s_error(client: httpx.Client) -> None:
    """Some servers' parsers refuse it before any route is looked at."""
    response = client.request("BREW", "/v1/orders")
    assert response.status_code in (400, 405, 501)
    assert response.headers["content-type"].split(";")[0] == "application/problem+json"


def test_the_served_contract_is_the_committed_one(client: httpx.Client) -> None:
    assert yaml.safe_load(client.get("/openapi.yaml").text) == document()
    assert client.get("/openapi.json").json() == document()


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_on_both_listeners(client: httpx.Client, admin: httpx.Client, path: str) -> None:
    for listener in (client, admin):
        response = listener.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_admin_tells_what_runs(admin: httpx.Client, language: str) -> None:
    assert admin.get("/startupz").json() == {"status": "ok"}
    version = admin.get("/version").json()
    assert set(version) == {"service", "version", "commit", "built_at", "language"}
    assert (version["service"], version["language"]) == ("orders", language)
    dependencies = admin.get("/health/dependencies")
    assert dependencies.json() == {"status": "ok", "dependencies": {"database": {"status": "ok"}}}
    assert admin.get("/v1/orders").status_code == 404


class TestTraces:
    """W3C trace context: continued, generated, never trusted when malformed."""

    def test_an_incoming_trace_is_continued(self, client: httpx.Client, service: Service) -> None:
        response = client.get("/v1/orders/none", headers={"traceparent": TRACEPARENT})
        assert response.headers["x-trace-id"] == "0af7651916cd43dd8448eb211c80319c"
        assert check_problem(response, 404)["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
        line = access_line(service, "0af7651916cd43dd8448eb211c80319c")
        assert line["route"] == "/v1/orders/{id}"

    @pytest.mark.parametrize("header", ["", "x", "00-0-0-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
    def test_a_malformed_trace_is_replaced(self, client: httpx.Client, header: str) -> None:
        first, second = (client.get("/v1/orders", headers={"traceparent": header}) for _ in range(2))
        check_common(first)
        assert first.headers["x-trace-id"] != second.headers["x-trace-id"]


def access_line(service: Service, trace_id: str) -> dict[str, object]:
    """Wait for the access line of a trace."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for event in service.events():
            if event["message"] == "request" and event.get("trace_id") == trace_id:
                return event
        time.sleep(0.05)
    raise AssertionError("no access line")


class TestLogs:
    """One JSON object a line, one line a request, nothing secret in it."""

    def test_one_access_line_with_its_fields(self, client: httpx.Client, service: Service) -> None:
        canary = "canary-4711"
        headers = {"authorization": f"Bearer {canary}", "cookie": f"session={canary}"}
        order = {"customer_id": canary, "items": [{"sku": "s", "quantity": 1, "unit_price_cents": 1}]}
        response = client.post(f"/v1/orders?token={canary}", json=order, headers=headers)
        line = access_line(service, response.headers["x-trace-id"])
        assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/orders", 201)
        assert line["bytes"] == len(response.content)
        assert isinstance(line["duration_ms"], int | float)
        assert re.fullmatch("[0-9a-f]{16}", str(line["span_id"]))
        client.get("/readyz")
        time.sleep(0.2)
        assert canary not in "".join(service.lines)
        assert sum(event.get("trace_id") == response.headers["x-trace-id"] for event in service.events()) == 1
        assert not [event for event in service.events() if event.get("route") == "/readyz"]

    def test_every_line_is_one_object(self, service: Service) -> None:
        first = next(number for number, line in enumerate(service.lines) if line.startswith("{"))
        assert len(service.lines[first:]) == len(service.events())
        for event in service.events():
            assert {"timestamp", "level", "message", "service", "version"} <= set(event)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", event["timestamp"])
            assert event["level"] in ("debug", "info", "warning", "error")


class TestMetrics:
    """Prometheus text on the admin listener, with bounded labels."""

    def test_requests_are_counted_by_route(self, client: httpx.Client, admin: httpx.Client) -> None:
        client.get("/v1/orders", params={"limit": 1})
        text = admin.get("/metrics").text
        series = [line for line in text.splitlines() if line.startswith("http_server_request_duration_seconds_count")]
        wanted = ('http_request_method="GET"', 'http_route="/v1/orders"', 'http_response_status_code="200"')
        assert any(all(label in line for label in wanted) for line in series), series
        for name in ("app_requests_in_flight", "app_requests_queued", "app_cpu_pool_busy", "app_cpu_pool_queued"):
            assert re.search(rf"^{name}[ {{]", text, re.MULTILINE), name

    def test_random_paths_and_methods_add_few_series(self, client: httpx.Client, admin: httpx.Client) -> None:
        def series() -> int:
            return sum(not line.startswith("#") for line in admin.get("/metrics").text.splitlines())

        client.get("/random/first")
        client.request("BREW", "/random/first")
        before = series()
        for number in range(100):
            client.get(f"/random/{number}")
            client.request(f"M{number}", f"/random/{number}")
        assert series() - before < 20


class TestBodyLimit:
    """A body beyond the limit is refused without being kept."""

    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_large_body_is_refused(self, service: Service, *, chunked: bool) -> None:
        before = resident(service)
        status, headers, _ = send_large(service, 100, chunked=chunked)
        assert status == 413
        assert "application/problem+json" in headers.lower()
        assert resident(service) - before < 40_000_000

    def test_a_body_at_the_limit_is_read(self, client: httpx.Client) -> None:
        body = b'{"customer_id": ' + b" " * (1_048_576 - 18) + b"1}"
        assert len(body) == 1_048_576
        check_problem(client.post("/v1/orders", content=body, headers={"content-type": "application/json"}), 422)
        problem = check_problem(
            client.post("/v1/orders", content=body + b" ", headers={"content-type": "application/json"}), 413
        )
        assert problem["detail"] == "The request body is larger than 1048576 bytes."


def resident(service: Service) -> int:
    """Memory of the service and its children, in bytes."""
    processes = [service.process, *service.process.children(recursive=True)]
    return int(sum(process.memory_info().rss for process in processes))


def send_large(service: Service, megabytes: int, *, chunked: bool) -> tuple[int, str, bytes]:
    """Send a body far beyond the limit, stopping when the other side has had enough; return its answer."""
    address = urlsplit(service.public)
    assert address.hostname
    length = "transfer-encoding: chunked" if chunked else f"content-length: {megabytes << 20}"
    head = f"POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
    block = b"x" * (1 << 16)
    piece = f"{len(block):x}\r\n".encode() + block + b"\r\n" if chunked else block
    with socket.create_connection((address.hostname, address.port or 80), timeout=30) as connection:
        connection.sendall(head.encode())
        try:
            for _ in range(megabytes << 4):
                connection.sendall(piece)
        except OSError:
            pass  # closed: what it answered before is still to be read
        answer = b""
        try:
            while block := connection.recv(65536):
                answer += block
        except OSError:
            assert answer, "the connection was reset before the answer could be read"
    headers, _, body = answer.partition(b"\r\n\r\n")
    return int(headers.split(b" ")[1]), headers.decode(), body
