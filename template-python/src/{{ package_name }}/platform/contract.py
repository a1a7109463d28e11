"""The contract: serves `api/openapi.yaml`, and reads bodies as strictly as it says."""

import json
import re
from collections.abc import Callable, Coroutine, Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from fastapi import Request, Response
from fastapi.routing import APIRoute
from jiter import from_json
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from .problem import Problem

PATHS: Final = ("/openapi.json", "/openapi.yaml")
MOST_LEVELS: Final = 64
PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"


def find() -> Path:
    """Return the contract: inside of the package when that was built, at the root of the checkout otherwise."""
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "openapi.yaml"
    return packaged if packaged.exists() else here.parents[3] / "api" / "openapi.yaml"


@cache
def load() -> dict[str, Any]:
    """Return what the contract says, read once."""
    loaded: dict[str, Any] = yaml.safe_load(find().read_bytes())
    return loaded


def contract_routes() -> list[APIRoute]:
    """Return the routes that serve the contract."""
    as_yaml = find().read_bytes()
    as_json = json.dumps(load(), default=str).encode()  # YAML has a type for dates, JSON has none

    async def openapi_json() -> Response:
        return Response(as_json, media_type="application/json")

    async def openapi_yaml() -> Response:
        return Response(as_yaml, media_type="application/yaml")

    return [APIRoute("/openapi.json", openapi_json), APIRoute("/openapi.yaml", openapi_yaml)]


class Body(BaseModel):
    """Base of what a request body holds: a JSON integer is an integer only, and unknown members are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _plain(text: str) -> str:
    if not re.fullmatch(PLAIN, text):
        raise ValueError("must have no control characters")
    return text


Label = Annotated[str, Field(min_length=1, max_length=64, json_schema_extra={"pattern": PLAIN}), AfterValidator(_plain)]
"""A short text without control characters, as names and numbers of articles are."""


class StrictRoute(APIRoute):
    """A route whose body is JSON. Give it to a router: `APIRouter(route_class=StrictRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the framework, with the body checked before."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_body(request: Request) -> Response:
            strict = _StrictRequest(request.scope, request.receive)
            if not await strict.body():
                raise Problem(400, "The request body is empty.")
            return await handle(strict)

        return handle_body


class _StrictRequest(Request):
    async def json(self) -> object:
        """Parse I-JSON (RFC 7493): unlike the standard library this refuses NaN, lone surrogates, doublets, depth."""
        try:
            value = from_json(await self.body(), allow_inf_nan=False, catch_duplicate_keys=True)
        except ValueError:
            raise Problem(400, "The request body is not valid JSON.") from None
        if _is_too_deep(value):
            raise Problem(400, "The request body is not valid JSON.")
        return value


def _is_too_deep(value: object) -> bool:
    nodes: list[Any] = [[value]]
    for _ in range(MOST_LEVELS + 1):
        nodes = [inner for node in nodes for inner in _values(node) if isinstance(inner, dict | list)]
    return bool(nodes)


def _values(node: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node
