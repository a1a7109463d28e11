"""Quotes as the contract has them (`components/schemas` of api/openapi.yaml), and as suppliers answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..platform.contract import Body, Label
from ..platform.outbound import Reason

Price = Annotated[int, Field(ge=0, le=10_000_000)]


class QuoteRequest(Body):
    """What a client wants to have quoted."""

    sku: Label
    quantity: Annotated[int, Field(ge=1, le=1000)]
    require: Literal["all", "any"] = "all"


class SupplierAnswer(BaseModel):
    """What a supplier has to answer; what it adds to that is not looked at."""

    model_config = ConfigDict(strict=True)

    unit_price_cents: Price


class Quote(BaseModel):
    """What one supplier asks."""

    supplier: str
    unit_price_cents: int


class FailedQuote(BaseModel):
    """Why a supplier's quote is missing."""

    supplier: str
    reason: Reason


class Quotes(BaseModel):
    """All quotes that arrived, the cheapest first, and what did not."""

    quotes: list[Quote]
    best: Quote | None
    failed: list[FailedQuote]
