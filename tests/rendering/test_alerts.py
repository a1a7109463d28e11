"""The rendered alerts over made-up series, by promtool: they fire when they should and only then. Opt-in."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import ROOT, Render
from services.running import clean_environment

pytestmark = pytest.mark.skipif("TRIVIUM_SLOW" not in os.environ, reason="make test-slow ONLY=alerts")

PACKAGE = "github.com/prometheus/prometheus/cmd/promtool@v0.316.0"
PROMTOOL = ROOT / "out" / "promtool" / "promtool"
LANGUAGES = ["python", "go", "java"]
STEPS, MINUTES = 180, 360  # six hours, a sample every other minute
AT = 'job="orders", instance="a", http_request_method="POST", http_route="/v1/orders"'
WORKLOAD = ["workload=crud_api", "traffic=low", "cpu_heavy=none", "concurrency=low", "latency=normal"]


@pytest.fixture(scope="module")
def promtool() -> Path:
    """Build promtool, once for all."""
    if not PROMTOOL.exists():
        environment = clean_environment({"GOTOOLCHAIN": "auto", "GOBIN": str(PROMTOOL.parent)})
        subprocess.run(["go", "install", PACKAGE], cwd=ROOT / "tests", env=environment, check=True, timeout=1800)
    return PROMTOOL


@pytest.fixture
def rules(render: Render, tmp_path: Path) -> Path:
    """Render the rules of a service called orders whose objective is a second; they are the same in every language."""
    return of(render, tmp_path / "orders", "python")


def of(render: Render, folder: Path, language: str) -> Path:
    answers = [word for answer in WORKLOAD for word in ("--set", answer)]
    return render(folder, language, *answers) / "deploy" / "prometheus" / "rules.yml"


def series(*, each_step: int, errors: int = 0, slow: int = 0, up: int = 1) -> dict[str, str]:
    """Return some hours of a service: so many requests a step, of them errors, and slower than the objective."""
    le = "1.0" if up else "1"
    return {
        f"http_server_request_duration_seconds_count{{{AT}, http_response_status_code='201'}}":
            f"0+{each_step - errors}x{STEPS}",
        f"http_server_request_duration_seconds_count{{{AT}, http_response_status_code='500'}}": f"0+{errors}x{STEPS}",
        f"http_server_request_duration_seconds_bucket{{{AT}, http_response_status_code='201', le='{le}'}}":
            f"0+{each_step - slow}x{STEPS}",
        f"http_server_request_duration_seconds_sum{{{AT}, http_response_status_code='201'}}": f"0+1x{STEPS}",
        "up{job='orders', instance='a'}": f"{up}x{STEPS}",
    }  # fmt: skip


def firing(promtool: Path, rules: Path, given: dict[str, str], expected: list[str]) -> None:
    """Hold what fires at the end of these hours against what should."""
    query = "count by (alertname, severity, objective, indicator, criterion) (ALERTS{alertstate='firing'})"
    case: dict[str, Any] = {
        "rule_files": [str(rules)],
        "evaluation_interval": "4m",
        "tests": [
            {
                "interval": "2m",
                "input_series": [{"series": name, "values": values} for name, values in given.items()],
                "promql_expr_test": [
                    {
                        "expr": query,
                        "eval_time": f"{MINUTES}m",
                        "exp_samples": [{"labels": labels, "value": 1} for labels in expected],
                    }
                ],
            }
        ],
    }
    file = rules.with_name("case.yml")
    file.write_text(yaml.safe_dump(case), encoding="utf-8")
    done = subprocess.run([promtool, "test", "rules", file], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_prometheus_reads_the_rules(promtool: Path, render: Render, tmp_path: Path, language: str) -> None:
    rules = of(render, tmp_path / "orders", language)
    done = subprocess.run([promtool, "check", "rules", rules], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_service_within_its_objectives_is_left_in_peace(promtool: Path, rules: Path) -> None:
    firing(promtool, rules, series(each_step=10_000, errors=5, slow=50), [])


def test_many_errors_page_and_make_a_ticket(promtool: Path, rules: Path) -> None:
    at = 'objective="create-order", indicator="availability"'
    expected = [
        f'{{alertname="ErrorBudgetBurnsFast", severity="page", {at}}}',
        f'{{alertname="ErrorBudgetBurnsSlowly", severity="ticket", {at}}}',
    ]
    firing(promtool, rules, series(each_step=10_000, errors=200), expected)


def test_a_slow_leak_makes_a_ticket_only(promtool: Path, rules: Path) -> None:
    expected = [
        '{alertname="ErrorBudgetBurnsSlowly", severity="ticket", objective="create-order", indicator="latency"}'
    ]
    firing(promtool, rules, series(each_step=10_000, slow=400), expected)


def test_without_requests_nothing_burns(promtool: Path, rules: Path) -> None:
    firing(promtool, rules, series(each_step=0), [])


def test_a_service_that_is_away_pages(promtool: Path, rules: Path) -> None:
    firing(promtool, rules, series(each_step=0, up=0), ['{alertname="ServiceAway", severity="page"}'])


def test_traffic_beyond_the_flip_point_says_so(promtool: Path, rules: Path) -> None:
    expected = ['{alertname="TimeToReassess", severity="info", criterion="traffic"}']
    firing(promtool, rules, series(each_step=140_000), expected)
