"""Holding responses to the committed contract: status, media type, body, and the headers that every response has."""

import re
from functools import cache
from typing import Any

import httpx
import yaml
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from project import ROOT
from trivium import templating

TITLES = {
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    428: "Precondition Required",
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@cache
def document() -> dict[str, Any]:
    """Return the contract as it stands in common/, with names put in."""
    source = (ROOT / "common" / "api" / "openapi.yaml").read_text(encoding="utf-8")
    names = {"service_name": "orders", "service_description": "A backend service."}
    answers = {**names, "example": "full", "database": "sqlite", "has_orders": True}
    parsed: dict[str, Any] = yaml.safe_load(templating.render(source, **answers))
    return parsed


def check_schema(body: Any, name: str) -> None:
    """Assert that a body is as the schema of that name in the contract says."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    validator_for(schema, default=Draft202012Validator)(schema).validate(body)


def check_json(response: httpx.Response, status: int, schema: str) -> Any:
    """Assert a JSON response and return its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].split(";")[0] == "application/json"
    check_common(response)
    body = response.json()
    check_schema(body, schema)
    return body


def check_problem(response: httpx.Response, status: int, detail: str | None = None) -> dict[str, Any]:
    """Assert problem details (RFC 9457) and return them."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].split(";")[0] == "application/problem+json"
    check_common(response)
    problem: dict[str, Any] = response.json()
    check_schema(problem, "Problem")
    assert problem["status"] == status
    assert problem["title"] == TITLES[status]
    assert problem["instance"] == response.request.url.raw_path.decode().partition("?")[0]
    assert problem["trace_id"] == response.headers["x-trace-id"]
    if detail is not None:
        assert problem["detail"] == detail
    return problem


def check_common(response: httpx.Response) -> None:
    """Assert what every public response has, and what none may have."""
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-trace-id"])
    assert response.headers["x-content-type-options"] == "nosniff"
    assert not {"server", "x-powered-by"} & set(response.headers)


def places(problem: dict[str, Any]) -> list[str]:
    """Return the pointers and parameters that a problem names, sorted."""
    return sorted(error.get("pointer") or error["parameter"] for error in problem["errors"])
