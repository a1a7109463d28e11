"""What can be set from outside: one field of Config is one key, with its default, range and meaning.

Keys of your own, and those of the sample resources, stand in settings.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .about import IN_FLIGHT_PER_CORE, QUEUE_TIMEOUT_MS, SERVICE
from .config_keys import Default, fixed, key
from .config_values import DatabaseUrl, Integer, OneOf, Seconds, Text


def _times(factor: int, field: str) -> Callable[[Mapping[str, Any]], int]:
    return lambda above: factor * int(above[field])


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The configuration of the platform, complete and checked."""

    env: str = key(
        "APP_ENV",
        OneOf(("development", "production")),
        fixed("development"),
        "`development` or `production`; production refuses weak secrets and migrates only by `make migrate`",
    )
    host: str = key("APP_HOST", Text(), fixed("0.0.0.0"), "address of the public listener")
    port: int = key(
        "APP_PORT",
        Integer(0, 65535),
        fixed(8080),
        "port of the public listener, 0 for a free one; `PORT` is read where it is unset",
        else_read="PORT",
    )
    admin_host: str = key("APP_ADMIN_HOST", Text(), fixed("0.0.0.0"), "address of the admin listener")
    admin_port: int = key(
        "APP_ADMIN_PORT", Integer(0, 65535), fixed(9090), "port of the admin listener, 0 for a free one"
    )
    log_level: str = key(
        "APP_LOG_LEVEL",
        OneOf(("debug", "info", "warning", "error")),
        fixed("info"),
        "least level that is logged: `debug`, `info`, `warning`, `error`",
    )
    drain_seconds: float = key(
        "APP_DRAIN_SECONDS",
        Seconds(0, 300),
        Default("5, 0 in development", lambda above: 0.0 if above["env"] == "development" else 5.0),
        "after the stop signal, not ready while requests are still served",
    )
    shutdown_seconds: float = key(
        "APP_SHUTDOWN_SECONDS", Seconds(0, 3600), fixed(20.0), "limit for requests in flight after the drain"
    )
    request_timeout_seconds: float = key(
        "APP_REQUEST_TIMEOUT_SECONDS",
        Seconds(0.1, 3600),
        fixed(10.0),
        "deadline of a request, from the moment its body is complete",
    )
    max_body_bytes: int = key("APP_MAX_BODY_BYTES", Integer(1024, 1073741824), fixed(1048576), "largest request body")
    max_in_flight: int = key(
        "APP_MAX_IN_FLIGHT",
        Integer(1, 100000),
        Default(f"{IN_FLIGHT_PER_CORE} x cores", _times(IN_FLIGHT_PER_CORE, "cores")),
        "requests that run at once",
    )
    max_queued: int = key(
        "APP_MAX_QUEUED",
        Integer(0, 1000000),
        Default("2 x APP_MAX_IN_FLIGHT", _times(2, "max_in_flight")),
        "requests that may wait for their turn",
    )
    queue_timeout_ms: int = key(
        "APP_QUEUE_TIMEOUT_MS",
        Integer(0, 60000),
        fixed(QUEUE_TIMEOUT_MS),
        "how long they may wait before they are shed with 503",
    )
    rate_limit_requests: int = key(
        "APP_RATE_LIMIT_REQUESTS",
        Integer(0, 1000000),
        fixed(0),
        "requests a principal may make in a window, 0 for no limit",
    )
    rate_limit_window_seconds: int = key(
        "APP_RATE_LIMIT_WINDOW_SECONDS", Integer(1, 3600), fixed(60), "length of that window"
    )
    cpu_workers: int = key(
        "APP_CPU_WORKERS", Integer(1, 1024), Default("cores", _times(1, "cores")), "workers for CPU-bound work"
    )
    cpu_queue: int = key(
        "APP_CPU_QUEUE",
        Integer(0, 100000),
        Default("4 x APP_CPU_WORKERS", _times(4, "cpu_workers")),
        "CPU-bound jobs that may wait for a worker",
    )
    database_url: str = key(
        "APP_DATABASE_URL",
        DatabaseUrl(),
        fixed(f"sqlite:///data/{SERVICE}.db"),
        "database; three slashes: relative to the working directory, four: absolute; or `APP_DATABASE_URL_FILE`",
        may_be_file=True,
    )
