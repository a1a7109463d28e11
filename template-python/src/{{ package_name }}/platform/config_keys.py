"""How a configuration is described, read and shown: a dataclass, of which each field is one environment variable."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from .config_values import InvalidValueError, Kind
from .cores import available_cores


@dataclass(frozen=True, slots=True)
class Default[T]:
    """What a key is when it is not set: how that reads, and how it follows from the fields above it and `cores`."""

    text: str
    value: Callable[[Mapping[str, Any]], T]
    in_production: bool = True
    """Whether production may do without the key."""


def fixed[T](value: T, *, in_production: bool = True) -> Default[T]:
    """Return a default that follows from nothing."""
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return Default(shown, lambda _: value, in_production)


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
    check: Callable[[T, Mapping[str, Any]], None] | None
    """Raises InvalidValueError where the value does not go with the fields above it."""


def key[T](
    name: str,
    kind: Kind[T],
    default: Default[T],
    meaning: str,
    *,
    else_read: str = "",
    may_be_file: bool = False,
    check: Callable[[T, Mapping[str, Any]], None] | None = None,
) -> T:
    """Describe a field of a configuration; see Key."""
    described: T = field(metadata={"key": Key(name, kind, default, meaning, else_read, may_be_file, check)})
    return described


class ConfigError(Exception):
    """Everything that is wrong with the configuration: for each key what is wrong with it."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        """Keep one `{"key", "detail"}` for each error."""
        super().__init__("invalid configuration")
        self.errors = errors


def _table(kind: type[Any]) -> list[tuple[Field[Any], Key[Any]]]:
    return [(member, member.metadata["key"]) for member in fields(kind)]


def load[C](kind: type[C], environ: Mapping[str, str], cores: int | None = None) -> C:
    """Read a configuration from environment variables; an empty one counts as unset.

    Raises ConfigError with all errors at once. `cores` replaces what the machine says.
    """
    values: dict[str, Any] = {"cores": cores or available_cores()}
    errors: list[dict[str, str]] = []
    for member, described in _table(kind):
        values[member.name] = described.default.value(values)  # also before an error: other defaults follow from it
        try:
            values[member.name] = _read(described, environ, values)
        except _KeyError as error:
            errors.append({"key": error.name, "detail": str(error)})
    if errors:
        raise ConfigError(errors)
    del values["cores"]
    return kind(**values)


def printable(config: object) -> dict[str, Any]:
    """Return every key with its value, for the log, and of what may be secret only that it is there."""
    table = _table(type(config))
    return {described.name: described.kind.show(getattr(config, member.name)) for member, described in table}


def unknown_keys(kind: type[Any], environ: Iterable[str]) -> list[str]:
    """Return the variables that look like ours and mean nothing: most often a spelling mistake."""
    table = [described for _, described in _table(kind)]
    known = {key.name for key in table} | {f"{key.name}_FILE" for key in table if key.may_be_file}
    return sorted(name for name in environ if name.startswith("APP_") and name not in known)


def help_table(kind: type[Any]) -> str:
    """Return the keys as a Markdown table, as the README has it."""
    rows = ["| key | default | meaning |", "| --- | --- | --- |"]
    for _, key in _table(kind):
        default = f"`{key.default.text}`" if key.default.text else ""
        rows.append(f"| `{key.name}` | {default} | {key.meaning} |")
    return "\n".join(rows)


class _KeyError(Exception):
    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def _read[T](key: Key[T], environ: Mapping[str, str], above: Mapping[str, Any]) -> T:
    """Return the value of a key. Raises _KeyError, which names the variable that has to be mended."""
    name, text, path = _find(key, environ)
    try:
        value = key.kind.parse(text, path) if text else _default(key, above)
        if key.check:
            key.check(value, above)
    except InvalidValueError as error:
        raise _KeyError(name, str(error)) from None
    return value


def _default[T](key: Key[T], above: Mapping[str, Any]) -> T:
    if above["env"] == "production" and not key.default.in_production:
        raise InvalidValueError("must be set in production")
    return key.default.value(above)


def _find(key: Key[Any], environ: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the variable that a key is read from, its text if it is set, and the file of that text if it has one."""
    text = environ.get(key.name, "")
    file_name = f"{key.name}_FILE"
    path = environ.get(file_name, "") if key.may_be_file else ""
    if text and path:
        raise _KeyError(key.name, f"is set beside {file_name}; set one of them")
    if path:
        try:
            return file_name, Path(path).read_text(encoding="utf-8").strip(), path
        except (OSError, ValueError):
            raise _KeyError(file_name, "names a file that cannot be read") from None
    if not text and key.else_read:
        return key.else_read, environ.get(key.else_read, ""), ""
    return key.name, text, ""
