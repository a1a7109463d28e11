"""A stand-in for full-stack-fastapi-template: its settings and health route, and the routes the suite asks for.

Settings are read by pydantic-settings and the default secret is refused outside of local work, as the template does;
the routes are written as FastAPI's documentation shows them, the upstream is asked with httpx and its defaults.
"""

import asyncio
from typing import Any, Literal

import httpx
from fastapi import FastAPI
from pydantic import BaseModel, model_validator
from pydantic_settings import BaseSettings

SHIPPED = "changethis"  # as the template's .env has it


class Settings(BaseSettings):
    """The part of the template's settings that needs no database."""

    ENVIRONMENT: Literal["local", "staging", "production"] = "local"
    SECRET_KEY: str
    ACCESS_TOKEN_EXPIRE_MINUTES: int = 60 * 24 * 8
    UPSTREAM_URL: str

    @model_validator(mode="after")
    def refuse_the_default_secret(self) -> "Settings":
        """Refuse the secret that the template ships."""
        if self.SECRET_KEY == SHIPPED and self.ENVIRONMENT != "local":
            raise ValueError(f'The value of SECRET_KEY is "{SHIPPED}", please change it.')
        return self


class Item(BaseModel):
    """What is uploaded."""

    name: str


settings = Settings()
app = FastAPI()


@app.get("/api/v1/utils/health-check/")
async def health_check() -> bool:
    """Answer as the template's only health route does."""
    return True


@app.get("/")
async def hello() -> dict[str, str]:
    """Be trivial."""
    return {"message": "Hello World"}


@app.get("/delay/{seconds}")
async def delay(seconds: float) -> dict[str, float]:
    """Take a while."""
    await asyncio.sleep(seconds)
    return {"slept": seconds}


@app.post("/upload")
async def upload(item: Item) -> Item:
    """Take a body."""
    return item


@app.get("/outbound")
async def outbound() -> Any:
    """Ask the upstream."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(settings.UPSTREAM_URL)
        answer.raise_for_status()
        return answer.json()
