"""A real OpenTelemetry collector gets traces, metrics and logs; promtool reads the metrics page. Opt-in."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from project import ROOT
from services.conftest import Start
from services.running import Service, clean_environment
from trivium.verify.ports import reserved
from trivium.verify.wire import accepts

pytestmark = pytest.mark.skipif("TRIVIUM_SLOW" not in os.environ, reason="make test-slow ONLY=collector")

BUILDER = "go.opentelemetry.io/collector/cmd/builder@v0.165.0"
PROMTOOL = "github.com/prometheus/prometheus/cmd/promtool@v0.316.0"
SOURCES = ROOT / "tests" / "collector"
BUILT = ROOT / "out" / "collector" / "otelcol"
TRACE = "0af7651916cd43dd8448eb211c80319c"
ARRIVES_WITHIN = 30.0  # seconds
ORDER = {"customer_id": "ada", "items": [{"sku": "s", "quantity": 1, "unit_price_cents": 5}]}
OFTEN = dict.fromkeys(("OTEL_METRIC_EXPORT_INTERVAL", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY"), "300")
EXPORTED = dict.fromkeys(("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"), "otlp")


def go(*words: str, cwd: Path, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a tool of Go's module proxy."""
    environment = clean_environment({"GOTOOLCHAIN": "auto", "GOFLAGS": "-mod=mod"})
    return subprocess.run(["go", "run", *words], cwd=cwd, env=environment, check=False, input=given, timeout=1200)


class Receiver(BaseHTTPRequestHandler):
    """What the collector hands on to: OTLP as JSON."""

    received: ClassVar[dict[str, list[str]]] = {}
    """By path: /v1/traces, /v1/metrics, /v1/logs."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.received.setdefault(self.path, []).append(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class Collector:
    """The collector while it runs."""

    def __init__(self, grpc: int, http: int) -> None:
        Receiver.received.clear()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.ports = {"grpc": grpc, "http/protobuf": http}
        ports = {"GRPC_PORT": self.ports["grpc"], "HTTP_PORT": self.ports["http/protobuf"]}
        environment = {name: str(port) for name, port in (ports | {"TEST_PORT": self.server.server_port}).items()}
        command = [str(BUILT), "--config", str(SOURCES / "collector.yml")]
        self.process = subprocess.Popen(command, env=clean_environment(environment), stderr=subprocess.DEVNULL)
        end = time.monotonic() + ARRIVES_WITHIN
        while not all(accepts(port) for port in self.ports.values()):
            assert time.monotonic() < end, "the collector does not listen"
            time.sleep(0.05)

    def wait_for(self, kind: str, *words: str) -> None:
        """Wait until a batch of `traces`, `metrics` or `logs` has come that has all words."""
        end = time.monotonic() + ARRIVES_WITHIN
        while not any(all(word in batch for word in words) for batch in Receiver.received.get(f"/v1/{kind}", [])):
            assert time.monotonic() < end, f"no {kind} with {words} within {ARRIVES_WITHIN} s"
            time.sleep(0.1)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Build the collector, once for all, and start it."""
    if not BUILT.exists():
        BUILT.parent.parent.mkdir(exist_ok=True)
        assert go(BUILDER, "--config", "builder.yml", cwd=SOURCES).returncode == 0
    with reserved() as grpc, reserved() as http:
        started = Collector(grpc, http)
        yield started
        started.end()


def start(launch: Start, collector: Collector, protocol: str, folder: Path, language: str) -> Service:
    base = "http://127.0.0.1"
    endpoint, http = f"{base}:{collector.ports[protocol]}", f"{base}:{collector.ports['http/protobuf']}/v1/metrics"
    to = {"OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint} | (
        # Over gRPC Java has traces and logs only, and says so at the start.
        {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": http}
        if language == "java"
        else {}
    )
    database = {"APP_DATABASE_URL": f"sqlite:///{folder / 'orders.db'}", "APP_DRAIN_SECONDS": "0"}
    return launch({**OFTEN, **EXPORTED, **to, **database}).wait_until_ready()


def create(service: Service) -> int:
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    return httpx.post(f"{service.public}/v1/orders", json=ORDER, headers=headers, timeout=30).status_code


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_collector_gets_traces_metrics_and_logs(
    launch: Start, collector: Collector, protocol: str, tmp_path: Path, language: str
) -> None:
    service = start(launch, collector, protocol, tmp_path, language)
    assert create(service) == httpx.codes.CREATED
    collector.wait_for("traces", TRACE, "POST /v1/orders")
    collector.wait_for("metrics", "http.server.request.duration", "/v1/orders")
    collector.wait_for("logs", TRACE)
    assert service.stop() == 0


def test_a_collector_that_goes_away_costs_nothing_but_telemetry(
    launch: Start, collector: Collector, tmp_path: Path, language: str
) -> None:
    service = start(launch, collector, "http/protobuf", tmp_path, language)
    collector.end()
    assert [create(service) for _ in range(20)] == [httpx.codes.CREATED] * 20
    assert service.stop() == 0


def test_promtool_has_nothing_against_the_metrics_page(service: Service) -> None:
    assert create(service) == httpx.codes.CREATED
    page = httpx.get(f"{service.admin}/metrics").content
    done = go(PROMTOOL, "check", "metrics", cwd=ROOT / "tests", given=page)
    assert done.returncode == 0
