"""The contract: serves `api/openapi.yaml`, and reads bodies as strictly as it says."""

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from .problem import Problem

PATHS: Final = ("/openapi.json", "/openapi.yaml")


def find() -> Path:
    """Return the contract: inside of the package when that was built, at the root of the checkout otherwise."""
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "openapi.yaml"
    return packaged if packaged.exists() else here.parents[3] / "api" / "openapi.yaml"


def contract_routes() -> list[APIRoute]:
    """Return the routes that serve the contract, read once."""
    as_yaml = find().read_bytes()
    as_json = json.dumps(yaml.safe_load(as_yaml)).encode()

    async def openapi_json() -> Response:
        return Response(as_json, media_type="application/json")

    async def openapi_yaml() -> Response:
        return Response(as_yaml, media_type="application/yaml")

    return [APIRoute("/openapi.json", openapi_json), APIRoute("/openapi.yaml", openapi_yaml)]


class Body(BaseModel):
    """Base of what a request body holds: a JSON integer is an integer only, and unknown members are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


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
        """Parse the body; unlike the standard library's parser this one refuses NaN, Infinity and lone surrogates."""
        try:
            return from_json(await self.body(), allow_inf_nan=False)
        except ValueError:
            raise Problem(400, "The request body is not valid JSON.") from None
