"""The load test gates by slo.yaml: green on a sound service, red on a slow one, one sentence where it cannot be run."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import promql_parser
import pytest
import yaml

from rendering.test_objectives import metrics, queries, rules
from services.ledger import an_order
from services.running import Service, make
from services.slow_path import delayed

DELAY = 0.05  # seconds
OPERATIONS = ["create-order", "read-order", "change-order", "list-orders"]


@contextmanager
def changed(folder: Path, old: str, new: str) -> Iterator[None]:
    """Change slo.yaml for a while, everywhere."""
    path = folder / "slo.yaml"
    text = path.read_text(encoding="utf-8")
    assert re.search(old, text)
    path.write_text(re.sub(old, new, text), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def refused(folder: Path, service: Service, profile: str = "smoke") -> str:
    """Return what make load says instead of running."""
    done = make(folder, "load", f"PROFILE={profile}", BASE_URL=service.public)
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if "make load: " in line]
    assert len(lines) == 1, done.stdout
    return lines[0]


def test_it_passes_against_a_running_service(folder: Path, service: Service) -> None:
    """Every operation is measured, the offered rate is told beside the achieved one, and there is a page to look at."""
    done = make(folder, "load", "PROFILE=smoke", BASE_URL=service.public)
    assert done.returncode == 0, done.stdout[-4000:]
    for name in OPERATIONS:
        assert re.search(rf"{name}\b.*p99", done.stdout), name
    profiles = yaml.safe_load((folder / "slo.yaml").read_text(encoding="utf-8"))["load"]["profiles"]
    offered = sum(step["seconds"] * step["requests_per_second"] for step in profiles["smoke"])
    told = re.search(r"achieved (\d+) of (\d+) ", done.stdout)
    assert told, done.stdout[-4000:]
    assert abs(int(told[2]) - offered) <= 0.05 * offered
    place = re.search(r"report: (load/report/\S+\.html)", done.stdout)
    assert place, done.stdout[-4000:]
    assert "<html" in (folder / place[1]).read_text(encoding="utf-8").lower()


def test_it_fails_against_a_service_that_is_50_ms_slower_than_it_may_be(folder: Path, service: Service) -> None:
    with changed(folder, r"p99_ms: \d+", "p99_ms: 50"), delayed(service.public, DELAY) as slower:
        done = make(folder, "load", "PROFILE=smoke", BASE_URL=slower)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout, done.stdout[-4000:]
    for name in OPERATIONS:
        assert re.search(rf"BROKEN +{name} p99", done.stdout), name


def test_it_says_that_there_is_no_service(folder: Path) -> None:
    done = make(folder, "load", "PROFILE=smoke", BASE_URL="http://127.0.0.1:9")
    assert done.returncode != 0
    assert "127.0.0.1:9" in done.stdout


def test_it_names_the_profiles_there_are(folder: Path, service: Service) -> None:
    assert all(name in refused(folder, service, "smok") for name in ["smok", "smoke", "steady", "spike", "soak"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"p99_ms: \d+", "p99_ms: -1", "p99_ms"),
        (r"availability: [\d.]+", "availability: 99.9", "availability"),
        (r"name: create-order", "name: create-parcel", "create-order"),
        (r"objectives:", "objectives: {", "slo.yaml"),
    ],
)
def test_it_names_what_is_wrong_in_slo_yaml(folder: Path, service: Service, old: str, new: str, said: str) -> None:
    with changed(folder, old, new):
        sentence = refused(folder, service)
    assert "slo.yaml" in sentence
    assert said in sentence


def test_what_alerts_and_dashboard_read_is_on_the_metrics_page(folder: Path, service: Service) -> None:
    httpx.post(f"{service.public}/v1/orders", json=an_order("ada")).raise_for_status()
    page = httpx.get(f"{service.admin}/metrics").text
    shown = set(re.findall(r"^[a-z_]+", page, re.MULTILINE)) | set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE))
    expressions = [*(rule["expr"] for rule in rules(folder)), *queries(folder)]
    read = {name for expression in expressions for name in metrics(promql_parser.parse(expression))}
    of_the_service = {name for name in read if not name.startswith("objective:")} - {"up"}
    assert of_the_service - shown <= {"app_outbound_requests_total"}  # counted from the first request to a supplier
    routes = set(re.findall(r'http_route="([^"]*)"', page))
    assert "/v1/orders" in routes
