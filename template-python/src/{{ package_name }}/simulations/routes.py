"""The operations on simulations (`/v1/simulations` of api/openapi.yaml)."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from ..platform.contract import StrictRoute
from ..platform.fields import prefers
from ..platform.problem import Problem
from .model import JobId, NewSimulation, Simulation, SimulationJob
from .running import Simulations

RESPOND_ASYNC: Final = "respond-async"


def routes(simulations: Simulations) -> APIRouter:
    """Return the routes of the operations."""
    router = APIRouter(route_class=StrictRoute)

    @router.post("/v1/simulations")
    async def run_simulation(new: NewSimulation, request: Request, response: Response) -> Simulation | SimulationJob:
        if not prefers(request.headers, RESPOND_ASYNC):
            return await simulations.run(new)
        job = simulations.begin(new)
        response.status_code = 202
        response.headers.update({"Location": f"/v1/simulations/{job.id}", "Preference-Applied": RESPOND_ASYNC})
        return job

    @router.get("/v1/simulations/{id}")
    async def read_simulation(job_id: Annotated[JobId, Path(alias="id")]) -> SimulationJob:
        job = simulations.find(job_id)
        if job is None:
            raise Problem(404, "There is no such simulation.")
        return job

    return router
