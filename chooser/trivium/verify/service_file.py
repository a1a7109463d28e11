"""What the suite has to know of a service: a YAML file, checked against a schema, its placeholders filled in later."""

import string
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trivium import fitting, handwritten
from trivium.errors import UserError

NAME = "verify.yml"
DATABASE_PLACES = {"database_url", "database_port", "database_name", "database_user"}
SERVER_PLACES = {"database_folder"}
PLACES = {"port", "admin_port", "scratch", "upstream", "upstream_2", "upstream_3", "folder"} | DATABASE_PLACES
SETTINGS = {  # what a check may change where the service's command or environment has a place for it
    "drain_seconds",
    "shutdown_seconds",
    "request_timeout_seconds",
    "upstream_timeout_seconds",
    "max_in_flight",
    "max_queued",
    "queue_timeout_ms",
    "rate_limit_requests",
    "cpu_workers",
    "cpu_queue",
}
REQUESTS = ("trivial", "slow", "upload", "outbound", "limited", "cpu", "create", "change", "unaffected")
_TEXT = {"type": "string", "minLength": 1}
_PATH = {"type": "string", "pattern": "^/"}
_NAMES = {"type": "array", "items": _TEXT}
_WORDS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_VARIABLES = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}
_REQUEST = {
    "type": "object",
    "additionalProperties": False,
    "required": ["path"],
    "properties": {
        "method": {"enum": ["GET", "POST", "PUT", "PATCH"]},
        "path": {"type": "string", "pattern": "^/"},
        "body": {"type": "string"},
        "content_type": {"type": "string"},
        "delayed_by": {"const": "upstream"},
        "most": {"type": "integer", "minimum": 1},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "command"],
    "properties": {
        "name": {"type": "string"},
        "build": _WORDS,
        "before": _WORDS,
        "command": _WORDS,
        "environment": _VARIABLES,
        "start_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 300},
        "notice_ms": {"type": "number", "exclusiveMinimum": 0},
        "ports": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {"type": "integer", "minimum": 1, "maximum": 65535} for name in ("public", "admin")},
        },
        "probes": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "listener": {"enum": ["public", "admin"]},
                "live": {"type": "string", "pattern": "^/"},
                "ready": {"type": "string", "pattern": "^/"},
            },
        },
        "settings": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {"type": "number"} for name in sorted(SETTINGS)},
        },
        "requests": {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys(REQUESTS, _REQUEST),
        },
        "upstream": {
            "type": "object",
            "additionalProperties": False,
            "required": ["body"],
            "properties": {"body": {"type": "string"}},
        },
        "fanout": {  # the outbound request with three upstreams
            "type": "object",
            "additionalProperties": False,
            "required": ["environment"],
            "properties": {"environment": _VARIABLES},
        },
        "metrics": {
            "type": "object",
            "additionalProperties": False,
            "required": ["path"],
            "properties": {
                "path": _PATH,
                **dict.fromkeys(("in_flight", "cpu_workers", "duration", "retries", "route_label"), _TEXT),
                "saturation": _NAMES,
            },
        },
        "logs": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"fields": _NAMES, "access": _NAMES},
        },
        "trace_header": _TEXT,
        "identity": {
            "type": "object",
            "additionalProperties": False,
            "required": ["path", "fields"],
            "properties": {"path": _PATH, "fields": _NAMES},
        },
        "contract": {
            "type": "object",
            "additionalProperties": False,
            "required": ["path", "file"],
            "properties": {"path": _PATH, "file": _TEXT},
        },
        "pages": {
            "type": "object",
            "additionalProperties": False,
            "required": ["path", "items", "next", "most"],
            "properties": {"path": _PATH, "items": _TEXT, "next": _TEXT, "most": {"type": "integer", "minimum": 1}},
        },
        "database": {
            "type": "object",
            "additionalProperties": False,
            "required": ["kind", "migrate"],
            "properties": {
                "kind": {"enum": ["sqlite", "postgres"]},
                "server": _WORDS,  # runs a PostgreSQL in the foreground, and prints its URL when that is ready
                "migrate": _WORDS,
                "applied": _TEXT,  # a query: the versions that are applied, a row each
                "newer_compatible": _NAMES,  # statements that make the schema a newer one, which this release can use
                "newer_unknown": _NAMES,  # and then one that it cannot
                "tables": {**_NAMES, "minItems": 1},  # what the request `create` writes, in that order
                "stored": _TEXT,  # a query: the last part of the Location of everything created
                "impatient": _VARIABLES,  # so that requests wait for the database for less than their deadline
                "outage_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 300},
            },
            "if": {"properties": {"kind": {"const": "postgres"}}},
            "then": {"required": ["server"]},
        },
        "idempotency": {  # of the request `create`
            "type": "object",
            "additionalProperties": False,
            "required": ["header", "replayed", "other_body"],
            "properties": {"header": _TEXT, "replayed": _TEXT, "other_body": _TEXT},
        },
        "vectors": _TEXT,
        "sizing": {  # variables to leave out, so that the service finds its own sizes
            "type": "object",
            "additionalProperties": False,
            "required": ["unset"],
            "properties": {"unset": _NAMES},
        },
        "gates": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"static": _WORDS, "evolution": _WORDS},
        },
        "configuration": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "invalid": _VARIABLES,
                "unknown": {"type": "string"},
                "broken_start": _VARIABLES,
                "weak_secrets": {"type": "array", "items": _VARIABLES, "minItems": 1},
                "secret": {"type": "string"},
                "help": _WORDS,
                "version": _WORDS,
            },
        },
    },
}


@dataclass(frozen=True)
class Request:
    """One request. `delayed_by_upstream`: it takes as long as its upstream. `most`: of what `{amount}` stands for."""

    method: str = "GET"
    path: str = "/"
    body: str = ""
    content_type: str = "application/json"
    delayed_by_upstream: bool = False
    most: int = sys.maxsize

    def amounting(self, amount: int) -> "Request":
        """Return the request with `{amount}` in its path and body filled in: how much work it asks for."""
        path, body = (text.replace("{amount}", str(min(amount, self.most))) for text in (self.path, self.body))
        return replace(self, path=path, body=body)

    def lasting(self, seconds: float) -> "Request":
        """Return the request with `{seconds}` in its path filled in; {milliseconds} likewise."""
        path = self.path.replace("{seconds}", f"{seconds:g}").replace("{milliseconds}", f"{seconds * 1000:.0f}")
        return replace(self, path=path)


@dataclass(frozen=True)
class ServiceFile:
    """A service as its file describes it. `raw` has the file's own shape."""

    folder: Path
    name: str
    command: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)

    def get(self, path: str, default: Any = None) -> Any:
        """Return the field at a dotted path such as `probes.live`."""
        value: Any = self.raw
        for key in path.split("."):
            if not isinstance(value, Mapping) or key not in value:
                return default
            value = value[key]
        return value

    def request(self, name: str) -> Request:
        """Return one of the requests; only for what a check `needs`."""
        entry = dict(self.get(f"requests.{name}"))
        return Request(delayed_by_upstream=entry.pop("delayed_by", "") == "upstream", **entry)

    def settable(self, settings: Mapping[str, float]) -> Mapping[str, float]:
        """Return the settings where a check may set all of them, none otherwise."""
        return settings if all(map(self.adjustable, settings)) else {}

    def adjustable(self, setting: str) -> bool:
        """Return whether a check may set something: whether the command or the environment has a place for it."""
        return setting in _placeholders(self.texts())

    def texts(self) -> Iterable[str]:
        """Yield what may hold placeholders that a check sets."""
        yield from self.command
        yield from map(str, self.get("environment", {}).values())

    def all_texts(self) -> Iterable[str]:
        """Yield what may hold placeholders."""
        yield from self.texts()
        for words in ("before", "database.migrate", "configuration.help", "configuration.version"):
            yield from self.get(words, ())


def find(place: Path) -> ServiceFile:
    """Return the service described by a file, or by the `verify.yml` of a folder. Raises UserError."""
    path = place / NAME if place.is_dir() else place
    if place.is_dir() and not path.is_file():
        raise UserError(
            f"{place} has no {NAME}, which says how to start the service; name one with --service FILE "
            "(a service rendered by Trivium has it)."
        )
    return check(handwritten.read(path, "service file"), path)


def check(raw: Mapping[str, Any], path: Path) -> ServiceFile:
    """Return the service that a file describes. Raises UserError naming the field and what it may be."""
    if found := fitting.mistake(SCHEMA, raw):
        raise UserError(f"The service file {path} is wrong at {fitting.named(found[0])}: {found[1]}.")
    service = ServiceFile(path.resolve().parent, raw["name"], tuple(raw["command"]), raw)
    used = _placeholders(service.all_texts())
    unknown = sorted(used - PLACES - SETTINGS) + sorted(
        _placeholders(service.get("database.server", ())) - SERVER_PLACES - DATABASE_PLACES - {"folder"}
    )
    if unknown:
        known = ", ".join(sorted(PLACES | SETTINGS))
        raise UserError(f"The service file {path} uses {{{unknown[0]}}}, which nothing fills in; known are {known}.")
    if used & DATABASE_PLACES and "database" not in raw:
        raise UserError(
            f"The service file {path} uses {{{min(used & DATABASE_PLACES)}}}; describe the database under it."
        )
    missing = sorted((used & SETTINGS) - set(service.get("settings", {})))
    if missing:
        raise UserError(f"The service file {path} uses {{{missing[0]}}}; give it a value under settings.")
    return service


def _placeholders(texts: Iterable[str]) -> set[str]:
    try:
        fields = [field for text in texts for field in string.Formatter().parse(text) if field[1] is not None]
    except ValueError as error:
        raise UserError(
            f"A brace in the service file stands alone ({error}); write {{{{ or }}}} for the character."
        ) from error
    for _, name, form, conversion in fields:
        if form or conversion:
            raise UserError(f"The service file uses {{{name}}} with a format or conversion; write {{{name}}} alone.")
    return {str(name) for _, name, _, _ in fields}
