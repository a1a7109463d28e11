"""What can be set from outside. One field of Config is one key, with its default, range and meaning."""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from .about import IN_FLIGHT_PER_CORE, QUEUE_TIMEOUT_MS, SERVICE
from .config_values import DatabaseUrl, Integer, InvalidValueError, Kind, OneOf, Seconds, Text
from .cores import available_cores


@dataclass(frozen=True, slots=True)
class Default[T]:
    """What a key is when it is not set: how that reads, and how it follows from the fields above it and `cores`."""

    text: str
    value: Callable[[Mapping[str, Any]], T]


def _fixed[T](value: T) -> Default[T]:
    return Default(f"{value:g}" if isinstance(value, float) else str(value), lambda _: value)


@dataclass(frozen=True, slots=True)
class Key[T]:
    """One environment variable."""

    name: str
    kind: Kind[T]
    default: Default[T]
    meaning: str
    else_read: str
    """A variable of the platform that is honoured when this one is unset."""
    may_be_file: bool
    """Whether `<name>_FILE` may name a file that holds the value, as secrets are handed over."""


def _key[T](
    name: str, kind: Kind[T], default: Default[T], meaning: str, *, else_read: str = "", may_be_file: bool = False
) -> T:
    described: T = field(metadata={"key": Key(name, kind, default, meaning, else_read, may_be_file)})
    return described


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration, complete and checked."""

    env: str = _key(
        "APP_ENV", OneOf(("development", "production")), _fixed("development"), "what the process is run for"
    )
    host: str = _key("APP_HOST", Text(), _fixed("0.0.0.0"), "address of the public listener")
    port: int = _key(
        "APP_PORT", Integer(0, 65535), _fixed(8080), "port of the public listener, 0 for a free one", else_read="PORT"
    )
    admin_host: str = _key("APP_ADMIN_HOST", Text(), _fixed("0.0.0.0"), "address of the admin listener")
    admin_port: int = _key(
        "APP_ADMIN_PORT", Integer(0, 65535), _fixed(9090), "port of the admin listener, 0 for a free one"
    )
    log_level: str = _key(
        "APP_LOG_LEVEL", OneOf(("debug", "info", "warning", "error")), _fixed("info"), "least level that is logged"
    )
    drain_seconds: float = _key(
        "APP_DRAIN_SECONDS",
        Seconds(0, 300),
        Default("5, 0 in development", lambda above: 0.0 if above["env"] == "development" else 5.0),
        "how long requests are still taken after the signal to stop",
    )
    shutdown_seconds: float = _key(
        "APP_SHUTDOWN_SECONDS", Seconds(0, 3600), _fixed(20.0), "how long requests in flight may take after the drain"
    )
    request_timeout_seconds: float = _key(
        "APP_REQUEST_TIMEOUT_SECONDS", Seconds(0.1, 3600), _fixed(10.0), "deadline of a request"
    )
    max_body_bytes: int = _key("APP_MAX_BODY_BYTES", Integer(1024, 1073741824), _fixed(1048576), "largest request body")
    max_in_flight: int = _key(
        "APP_MAX_IN_FLIGHT",
        Integer(1, 100000),
        Default(f"{IN_FLIGHT_PER_CORE} x cores", lambda above: IN_FLIGHT_PER_CORE * int(above["cores"])),
        "requests worked on at once",
    )
    max_queued: int = _key(
        "APP_MAX_QUEUED",
        Integer(0, 1000000),
        Default("2 x APP_MAX_IN_FLIGHT", lambda above: 2 * int(above["max_in_flight"])),
        "requests that may wait to be worked on",
    )
    queue_timeout_ms: int = _key(
        "APP_QUEUE_TIMEOUT_MS",
        Integer(0, 60000),
        _fixed(QUEUE_TIMEOUT_MS),
        "how long a request may wait, in milliseconds",
    )
    cpu_workers: int = _key(
        "APP_CPU_WORKERS",
        Integer(1, 1024),
        Default("cores", lambda above: int(above["cores"])),
        "processes for CPU-bound work",
    )
    cpu_queue: int = _key(
        "APP_CPU_QUEUE",
        Integer(0, 100000),
        Default("4 x APP_CPU_WORKERS", lambda above: 4 * int(above["cpu_workers"])),
        "CPU-bound jobs that may wait for a process",
    )
    database_url: str = _key(
        "APP_DATABASE_URL",
        DatabaseUrl(),
        _fixed(f"sqlite:///data/{SERVICE}.db"),
        "database; three slashes: relative to the working directory, four: absolute",
        may_be_file=True,
    )

    def printable(self) -> dict[str, Any]:
        """Return every key with its value, for the log. No value of today's keys is a secret."""
        return {key.name: getattr(self, member.name) for member, key in _table()}


class ConfigError(Exception):
    """Everything that is wrong with the configuration: for each key what is wrong with it."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        """Keep one `{"key", "detail"}` for each error."""
        super().__init__("invalid configuration")
        self.errors = errors


def _table() -> list[tuple[Field[Any], Key[Any]]]:
    return [(member, member.metadata["key"]) for member in fields(Config)]


def load(environ: Mapping[str, str], cores: int | None = None) -> Config:
    """Read the configuration from environment variables; an empty one counts as unset.

    Raises ConfigError with all errors at once. `cores` replaces what the machine says.
    """
    values: dict[str, Any] = {"cores": cores or available_cores()}
    errors: list[dict[str, str]] = []
    for member, key in _table():
        values[member.name] = key.default.value(values)  # also before an error, since other defaults follow from it
        try:
            values[member.name] = _read(key, environ, values[member.name])
        except _KeyError as error:
            errors.append({"key": error.name, "detail": str(error)})
    if errors:
        raise ConfigError(errors)
    del values["cores"]
    return Config(**values)


def unknown_keys(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that look like ours and mean nothing: most often a spelling mistake."""
    known = {key.name for _, key in _table()} | {f"{key.name}_FILE" for _, key in _table() if key.may_be_file}
    return sorted(name for name in environ if name.startswith("APP_") and name not in known)


def help_table() -> str:
    """Return the keys as a table for people."""
    rows = [("KEY", "DEFAULT", "RANGE", "MEANING")]
    for _, key in _table():
        rows.append((key.name, key.default.text, key.kind.range, key.meaning))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows)


class _KeyError(Exception):
    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def _read[T](key: Key[T], environ: Mapping[str, str], default: T) -> T:
    """Return the value of a key. Raises _KeyError, which names the variable that has to be mended."""
    name, text = _find(key, environ)
    try:
        return key.kind.parse(text) if text else default
    except InvalidValueError as error:
        raise _KeyError(name, str(error)) from None


def _find(key: Key[Any], environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the variable that a key is read from, and its text; no text when it is not set."""
    text = environ.get(key.name, "")
    file_name = f"{key.name}_FILE"
    path = environ.get(file_name, "") if key.may_be_file else ""
    if text and path:
        raise _KeyError(key.name, f"is set beside {file_name}; set one of them")
    if path:
        try:
            return file_name, Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            raise _KeyError(file_name, "names a file that cannot be read") from None
    if not text and key.else_read:
        return key.else_read, environ.get(key.else_read, "")
    return key.name, text
