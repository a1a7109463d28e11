"""The configuration: environment variables, read strictly, with every mistake found at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .faults import planted
from .log import log

CREDENTIAL = "APP_SUPPLIER_TOKEN"
SHORTEST_SECRET = 16  # characters
WELL_KNOWN = ("changeme", "secret", "password")


class RefusedError(Exception):
    """The configuration is wrong: all the mistakes, and the exit code."""

    def __init__(self, mistakes: list[str], code: int = 2) -> None:
        """Keep them."""
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
        self.code = code


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise ValueError
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 3600:
        raise ValueError
    return value


KEYS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "APP_ENV": (str, "development"),
    "APP_PORT": (_port, "8080"),
    "APP_ADMIN_PORT": (_port, "8081"),
    "APP_STATE_DIR": (Path, "state"),
    "APP_DRAIN_SECONDS": (_seconds, "5"),
    "APP_SHUTDOWN_SECONDS": (_seconds, "20"),
    "APP_REQUEST_TIMEOUT_SECONDS": (_seconds, "10"),
    "APP_MAX_IN_FLIGHT": (_count, "64"),
    "APP_MAX_QUEUED": (_count, "64"),
    "APP_QUEUE_TIMEOUT_MS": (_count, "200"),
    "APP_MAX_BODY_BYTES": (_count, "1000000"),
    "APP_RATE_LIMIT_REQUESTS": (_count, "0"),
    "APP_CPU_WORKERS": (_count, "0"),  # none: as many as there are cores
    "APP_CPU_QUEUE": (_count, "8"),
    "APP_SUPPLIER_URLS": (str, "http://127.0.0.1:8090/price"),
    "APP_SUPPLIER_TIMEOUT_SECONDS": (_seconds, "2"),
    "APP_DATABASE_URL": (str, ""),  # none: in memory
    "APP_DATABASE_POOL_SIZE": (_count, "10"),
    "APP_DATABASE_POOL_TIMEOUT_MS": (_count, "2000"),
    CREDENTIAL: (str, ""),
    f"{CREDENTIAL}_FILE": (str, ""),
}


@dataclass
class Secret:
    """A secret that may stand in a file, and change there."""

    value: str
    file: str

    def current(self) -> str:
        """Return what it is now."""
        if self.file and not planted("H3-stale"):
            try:
                self.value = Path(self.file).read_text(encoding="utf-8").strip()
            except OSError as error:
                log("the secret's file cannot be read; the last one stays in use", reason=error.strerror)
        return self.value


@dataclass(frozen=True)
class Configuration:
    """All values, by key, and the secret."""

    values: Mapping[str, Any]
    token: Secret

    def __getitem__(self, key: str) -> Any:
        """Return the value of a key, without its prefix."""
        return self.values[f"APP_{key}"]


def load(environment: Mapping[str, str]) -> Configuration:
    """Read the configuration. Raises RefusedError."""
    mistakes, values = list[str](), dict[str, Any]()
    for key, (kind, default) in KEYS.items():
        try:
            values[key] = kind(environment.get(key, default))
        except ValueError:
            mistakes.append(f"{key} cannot be {environment[key]!r}")
    for key in environment:
        if key.startswith("APP_") and key not in KEYS and not planted("H1-unknown"):
            log("unknown configuration key", key=key)
    if mistakes:
        raise RefusedError(mistakes[:1] if planted("H1-first") else mistakes, 1 if planted("H1-code") else 2)
    return Configuration(values, _secret(values))


def _secret(values: Mapping[str, Any]) -> Secret:
    file = "" if planted("H3-ignores") else values[f"{CREDENTIAL}_FILE"]
    value = values[CREDENTIAL]
    if file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise RefusedError([f"{CREDENTIAL}_FILE cannot be read: {error.strerror}"]) from error
    if values["APP_ENV"] == "production" and not planted("H2-weak"):
        _refuse_weak(value)
    return Secret(value, file)


def _refuse_weak(value: str) -> None:
    if value and value not in WELL_KNOWN and len(value) >= SHORTEST_SECRET:
        return
    name = "a secret" if planted("H2-nameless") else CREDENTIAL
    shown = f': "{value}"' if planted("H2-prints") else ""
    if planted("H2-logs"):
        log(f'{name} cannot be "{value}"')
    raise RefusedError([f"{name} is too weak for production{shown}"], 0 if planted("H2-code") else 2)
