"""The parts that an application is put together from."""

from dataclasses import dataclass

from .background import Background
from .config import Config
from .cpu_pool import CpuPool
from .database import Database
from .lifecycle import InFlight, Lifecycle
from .outbound import Outbound
from .telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts[C: Config]:
    """What service.py starts and stops."""

    config: C
    lifecycle: Lifecycle
    in_flight: InFlight
    telemetry: Telemetry
    database: Database
    pool: CpuPool
    background: Background
    outbound: Outbound
