"""A stand-in for litestar-fullstack: its server, its health route, and the routes the suite asks for.

The routes are written as Litestar's documentation shows them; the upstream is asked with httpx and its defaults.
"""

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import httpx
from litestar import Litestar, get, post
from litestar_granian import GranianPlugin


@dataclass
class Item:
    """What is uploaded."""

    name: str


@get("/health")
async def health() -> dict[str, str]:
    """Answer as the skeleton's health route does, without its database and cache."""
    return {"app": "healthy"}


@get("/")
async def hello() -> dict[str, str]:
    """Be trivial."""
    return {"message": "Hello World"}


@get("/delay/{seconds:float}")
async def delay(seconds: float) -> dict[str, float]:
    """Take a while."""
    await asyncio.sleep(seconds)
    return {"slept": seconds}


@post("/upload")
async def upload(data: Item) -> Item:
    """Take a body."""
    return data


@get("/outbound")
async def outbound() -> Any:
    """Ask the upstream."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(os.environ["UPSTREAM_URL"])
        answer.raise_for_status()
        return answer.json()


app = Litestar([health, hello, delay, upload, outbound], plugins=[GranianPlugin()])
