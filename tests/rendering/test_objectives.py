"""What follows from slo.yaml in a rendered service: rules that Prometheus reads, a dashboard that Grafana reads."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from project import Render
from trivium import cli, objectives

VARIANTS = {
    "as it comes": [],
    "without samples": ["--set", "example=none"],
    "without a database": ["--set", "database=none"],
}
TREES = [
    ("python", "as it comes"),
    ("go", "as it comes"),
    ("java", "as it comes"),
    ("go", "without samples"),
    ("java", "without a database"),
]
WORKLOAD = ["--set", "workload=crud_api", "--set", "traffic=low", "--set", "cpu_heavy=none", "--set", "concurrency=low"]

Rendered = Callable[[str, str], Path]


@pytest.fixture(scope="session")
def rendered(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Render each combination at most once."""

    @cache
    def of(language: str, variant: str) -> Path:
        return render(tmp_path_factory.mktemp(language) / "on", language, *VARIANTS[variant], *WORKLOAD)

    return of


@pytest.fixture(params=TREES, ids=" ".join)
def tree(request: pytest.FixtureRequest, rendered: Rendered) -> Path:
    """Go through languages and variants. The service has a name that YAML could take for something else."""
    return rendered(*request.param)


def slo(tree: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((tree / "slo.yaml").read_text(encoding="utf-8"))
    return read


def rules(tree: Path) -> list[dict[str, Any]]:
    read = yaml.safe_load((tree / "deploy/prometheus/rules.yml").read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def dashboard(tree: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((tree / "deploy/grafana/dashboard.json").read_text(encoding="utf-8"))
    return read


def queries(tree: Path) -> list[str]:
    return [target["expr"] for panel in dashboard(tree)["panels"] for target in panel.get("targets", [])]


def metrics(expression: Any) -> Iterator[str]:
    """Give the names of the metrics in a parsed expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield str(expression.name)
    for part in ("expr", "lhs", "rhs", "args", "vector_selector", "vs"):
        below = getattr(expression, part, None)
        for each in below if isinstance(below, list) else [below]:
            if each is not None:
                yield from metrics(each)


def test_it_is_what_the_command_writes_and_reads(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["slo", str(tree), "--check"]) == 0, capsys.readouterr()
    assert objectives.check(slo(tree), tree / objectives.NAME)


def test_every_expression_is_promql(tree: Path) -> None:
    for expression in [*(rule["expr"] for rule in rules(tree)), *queries(tree)]:
        promql_parser.parse(expression)


def test_every_objective_is_recorded_and_alerts_read_what_is_recorded(tree: Path) -> None:
    recorded = {(rule["record"], rule["labels"]["objective"]) for rule in rules(tree) if "record" in rule}
    names = {record for record, _ in recorded}
    assert len(names) == 7
    assert {objective for _, objective in recorded} == {entry["name"] for entry in slo(tree)["objectives"]}
    assert len(recorded) == 7 * len(slo(tree)["objectives"])
    read = {
        name
        for expression in [*(rule["expr"] for rule in rules(tree) if "alert" in rule), *queries(tree)]
        for name in metrics(promql_parser.parse(expression))
        if name.startswith("objective:")
    }
    assert read == names


def test_every_alert_has_its_page_in_the_runbook(tree: Path) -> None:
    headings = [line for line in (tree / "docs/slo.md").read_text(encoding="utf-8").splitlines() if line[:3] == "## "]
    anchors = {line[3:].lower() for line in headings}
    alerts = [rule for rule in rules(tree) if "alert" in rule]
    assert {rule["annotations"]["runbook"] for rule in alerts} <= {f"docs/slo.md#{anchor}" for anchor in anchors}
    assert {rule["alert"].lower() for rule in alerts} == anchors


def test_grafana_reads_the_whole_dashboard(tree: Path) -> None:
    """Its own types take it up without losing anything."""
    register_default_plugins()
    given = dashboard(tree)
    read = json.loads(JSONEncoder().encode(Dashboard.from_json(given)))
    assert not list(lost(given, read))
    places = [tuple(panel["gridPos"].values()) for panel in given["panels"]]
    assert len({panel["id"] for panel in given["panels"]}) == len(set(places)) == len(places)


def lost(given: Any, read: Any, at: str = "") -> Iterator[str]:
    if isinstance(given, dict) and isinstance(read, dict):
        for key, value in given.items():
            yield from lost(value, read.get(key), f"{at}/{key}")
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for number, (one, other) in enumerate(zip(given, read, strict=True)):
            yield from lost(one, other, f"{at}/{number}")
    elif given != read:
        yield f"{at}: {given} is {read}"


def test_the_database_is_on_the_dashboard_where_there_is_one(rendered: Rendered) -> None:
    assert any("app_db_pool" in query for query in queries(rendered("go", "as it comes")))
    assert not any("app_db" in query or "outbox" in query for query in queries(rendered("java", "without a database")))


def test_it_alerts_where_a_measured_answer_would_change_the_language(rendered: Rendered) -> None:
    flips = {rule["labels"]["criterion"]: rule for rule in rules(rendered("python", "as it comes"))
             if rule.get("alert") == "TimeToReassess"}  # fmt: skip
    assert set(flips) == {"traffic", "concurrency", "cpu_heavy"}
    assert flips["traffic"]["expr"].endswith(">= 1000")  # where `high` begins in measured.yml
    assert "answered was low" in flips["traffic"]["annotations"]["summary"]
    assert ">= 0.005" in flips["cpu_heavy"]["expr"]  # not where a request costs next to nothing


def test_answers_set_the_values(render: Render, tmp_path: Path) -> None:
    tight = slo(render(tmp_path / "tight", "go", "--set", "latency=tight_tail", "--set", "traffic=high"))
    assert {entry["p99_ms"] for entry in tight["objectives"] if "order" in entry["name"]} == {100}
    assert tight["load"]["profiles"]["steady"][0]["requests_per_second"] == 1000
    relaxed = slo(render(tmp_path / "relaxed", "go", "--set", "latency=relaxed", "--set", "traffic=low"))
    assert {entry["p99_ms"] for entry in relaxed["objectives"]} == {2500}
    assert relaxed["load"]["profiles"]["steady"][0]["requests_per_second"] == 10


def test_all_profiles_but_soak_end_within_a_minute(tree: Path) -> None:
    load = slo(tree)["load"]
    seconds = {name: sum(step["seconds"] for step in steps) for name, steps in load["profiles"].items()}
    assert set(seconds) == {"smoke", "steady", "spike", "soak"}
    assert max(taken for name, taken in seconds.items() if name != "soak") + load["warm_up_seconds"] <= 60
