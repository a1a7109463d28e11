"""Simulations as the contract has them (`components/schemas` of api/openapi.yaml)."""

from typing import Annotated, Literal, NewType

from pydantic import BaseModel, Field

from ..platform.contract import Body

type JobState = Literal["queued", "running", "done", "failed"]
JobId = NewType("JobId", str)


class NewSimulation(Body):
    """A simulation that a client asks for."""

    iterations: Annotated[int, Field(ge=1, le=20_000_000)]
    seed: Annotated[int, Field(ge=1, le=2**53 - 1)]


class Simulation(BaseModel):
    """A simulation that was run."""

    id: JobId
    iterations: int
    seed: int
    inside: int
    estimate: float


class SimulationJob(BaseModel):
    """A simulation that is run in the background."""

    id: JobId
    state: JobState
    result: Simulation | None
