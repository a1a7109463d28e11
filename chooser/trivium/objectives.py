"""`trivium slo [DIR]`: the alerts and the dashboard of a rendered service, written anew from its slo.yaml.

They come from the same templates as at the rendering (common/slo), so a service whose slo.yaml was not touched is left
as it is.
"""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import answers as answering
from . import fitting, handwritten, revisit, templating, writing
from .errors import UserError

NAME = "slo.yaml"
WRITTEN = {"deploy/prometheus/rules.yml": "rules.yml", "deploy/grafana/dashboard.json": "dashboard.json"}
OUT_OF_DATE = 1
BUCKETS = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]  # ms, of the services' histograms
STEP = {
    "type": "object",
    "required": ["seconds", "requests_per_second"],
    "additionalProperties": False,
    "properties": {
        "seconds": {"type": "number", "exclusiveMinimum": 0},
        "requests_per_second": {"type": "number", "exclusiveMinimum": 0},
    },
}
OBJECTIVE = {
    "type": "object",
    "required": ["name", "method", "route", "p99_ms", "availability"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,62}$"},
        "method": {"enum": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]},
        "route": {"type": "string", "pattern": r"^/[^\s\"'\\]*$"},
        "p99_ms": {"enum": BUCKETS},
        "availability": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    },
}
SCHEMA = {
    "type": "object",
    "required": ["window_days", "objectives", "load"],
    "additionalProperties": False,
    "properties": {
        "window_days": {"type": "integer", "minimum": 1, "maximum": 365},
        "objectives": {"type": "array", "minItems": 1, "items": OBJECTIVE},
        "load": {
            "type": "object",
            "required": ["warm_up_seconds", "least_achieved", "profiles"],
            "additionalProperties": False,
            "properties": {
                "warm_up_seconds": {"type": "number", "minimum": 0},
                "least_achieved": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                "profiles": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {"type": "array", "minItems": 1, "items": STEP},
                },
            },
        },
    },
}


def run(arguments: Namespace) -> int:
    """Write what follows from slo.yaml, or with --check only say whether it is written. Raises UserError."""
    service: Path = arguments.directory or Path()
    answers = answers_of(service)
    texts = derived(check(handwritten.read(service / NAME, "list of objectives"), service / NAME), answers)
    stale = [place for place, text in texts.items() if _current(service / place) != text]
    if arguments.check:
        for place in stale:
            print(f"{service / place} is not what {NAME} says: write it by trivium slo {service}.")
        return OUT_OF_DATE if stale else 0
    for place in stale:
        _write(service / place, texts[place])
        print(f"wrote {service / place}")
    if not stale:
        print(f"Nothing to write: alerts and dashboard are what {service / NAME} says.")
    return 0


def answers_of(service: Path) -> dict[str, Any]:
    """Return what the service was rendered with, by the names that templates use. Raises UserError."""
    rendered = revisit.read(service)
    answered = {id_: rendered.get(id_, "") for id_ in ("latency", "traffic")}
    needed = {key: rendered[key] for key in ("service_name", "database", "example", answering.LANGUAGE)}
    return {**answered, **needed, "policy": rendered.get("policy") or {}, "_copier_answers": rendered}


def check(raw: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """Return the objectives when they are what a service may have. Raises UserError naming the entry."""
    if found := fitting.mistake(SCHEMA, raw):
        raise UserError(f"{path} is wrong at {_place(raw, found[0])}: {found[1]}.")
    names = [objective["name"] for objective in raw["objectives"]]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise UserError(f"{path} has two objectives named {min(doubled)}; name each once.")
    return raw


def derived(objectives: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of the files that follow from objectives, by their places in the service."""
    return {
        place: templating.render(f"{{% include 'common/slo/{template}' -%}}\n", slo=objectives, **answers)
        for place, template in WRITTEN.items()
    }


def _place(raw: Mapping[str, Any], path: list[str | int]) -> str:
    """Return where an error is, an objective by its name where it has one."""
    words = [str(step + 1) if isinstance(step, int) else step for step in path]
    if len(words) > 1 and words[0] == "objectives":
        objective = raw["objectives"][path[1]]
        words[1] = str((objective.get("name") if isinstance(objective, dict) else None) or words[1])
    return ", ".join(words) or "its top level"


def _current(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}); mend that, or remove it.") from error


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error
    writing.whole(path, text)
