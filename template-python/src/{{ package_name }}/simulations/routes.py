"""The operation on simulations (`/v1/simulations` of api/openapi.yaml)."""

import uuid

from fastapi import APIRouter

from ..platform.contract import StrictRoute
from ..platform.cpu_pool import CpuPool
from .model import NewSimulation, Simulation
from .xorshift import count_inside


def routes(pool: CpuPool) -> APIRouter:
    """Return the routes of the operation."""
    router = APIRouter(route_class=StrictRoute)

    @router.post("/v1/simulations")
    async def run_simulation(new: NewSimulation) -> Simulation:
        inside = await pool.run(count_inside, new.iterations, new.seed)
        return Simulation(
            id=str(uuid.uuid4()),
            iterations=new.iterations,
            seed=new.seed,
            inside=inside,
            estimate=4 * inside / new.iterations,
        )

    return router
