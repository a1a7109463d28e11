"""The kinds of values a configuration key can have: what they accept and what they say when they refuse."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import SplitResult, urlsplit

_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_SQLITE_URL = re.compile(r"sqlite:///[^?#]+")
_PRINTABLE = re.compile(r"[!-~]+")
_WEAK = re.compile(r"(changeme|changethis|secret|password|default|test|token|admin|example)+\d*", re.IGNORECASE)
LEAST_SECRET: Final = 16


class InvalidValueError(ValueError):
    """A value that its kind refuses; the text says what would be accepted."""


class Kind[T](Protocol):
    """A kind of value."""

    def parse(self, text: str, path: str, /) -> T:
        """Return what the text stands for, or raise InvalidValueError; `path` is the file that it is from, if any."""
        ...

    def show(self, value: T, /) -> object:
        """Return what the log may have of a value."""
        ...


class Plain:
    """Base of kinds that have no secrets."""

    def show(self, value: object) -> object:
        """Return the value."""
        return value


@dataclass(frozen=True, slots=True)
class Text(Plain):
    """Any text."""

    def parse(self, text: str, _path: str) -> str:
        """Return the text."""
        return text


@dataclass(frozen=True, slots=True)
class OneOf(Plain):
    """One of a few words."""

    words: tuple[str, ...]

    def parse(self, text: str, _path: str) -> str:
        """Return the word."""
        if text not in self.words:
            raise InvalidValueError(f'must be one of {", ".join(self.words)}, got "{text}"')
        return text


@dataclass(frozen=True, slots=True)
class Integer(Plain):
    """A whole number."""

    minimum: int
    maximum: int

    def parse(self, text: str, _path: str) -> int:
        """Return the number."""
        if not _INTEGER.fullmatch(text) or not self.minimum <= int(text) <= self.maximum:
            raise InvalidValueError(f'must be an integer from {self.minimum} to {self.maximum}, got "{text}"')
        return int(text)


@dataclass(frozen=True, slots=True)
class Seconds(Plain):
    """A span of time in seconds, decimals allowed."""

    minimum: float
    maximum: float

    def parse(self, text: str, _path: str) -> float:
        """Return the number of seconds."""
        if not _DECIMAL.fullmatch(text) or not self.minimum <= float(text) <= self.maximum:
            raise InvalidValueError(f'must be a number from {self.minimum:g} to {self.maximum:g}, got "{text}"')
        return float(text)


@dataclass(frozen=True, slots=True)
class DatabaseUrl(Plain):
    """The URL of a database. It may hold a password, so a refusal never repeats it."""

    def parse(self, text: str, _path: str) -> str:
        """Return the URL."""
        if not _SQLITE_URL.fullmatch(text) or text.endswith(":memory:"):
            raise InvalidValueError("must be a URL of the form sqlite:///path")
        return text


@dataclass(frozen=True, slots=True)
class HttpUrls:
    """URLs of other services, joined by commas. They may hold keys of access, so a refusal never repeats them."""

    most: int

    def parse(self, text: str, _path: str) -> tuple[str, ...]:
        """Return the URLs."""
        urls = tuple(url.strip() for url in text.split(","))
        if len(urls) > self.most or not all(map(_is_http_url, urls)):
            raise InvalidValueError("must be http or https URLs joined by commas")
        return urls

    def show(self, value: tuple[str, ...]) -> str:
        """Return the URLs without their queries."""
        return ",".join(url.partition("?")[0] for url in value)


def _is_http_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return "#" not in text and _PRINTABLE.fullmatch(text) is not None and url.port != 0 and _is_plain(url)
    except ValueError:
        return False


def _is_plain(url: SplitResult) -> bool:
    return url.scheme in ("http", "https") and bool(url.hostname) and "@" not in url.netloc


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that does not show itself, and the file that it was read from, if it was."""

    text: str = ""
    path: str = ""

    def __str__(self) -> str:
        """Tell only whether there is one."""
        return "***" if self.text else ""

    __repr__ = __str__


class SecretText:
    """A secret that goes into a header."""

    def parse(self, text: str, path: str) -> Secret:
        """Return the secret."""
        if not _PRINTABLE.fullmatch(text):
            raise InvalidValueError("must be printable ASCII without spaces")
        return Secret(text, path)

    def show(self, value: Secret) -> str:
        """Tell only whether there is one."""
        return str(value)


def strong_in_production(secret: Secret, above: Mapping[str, Any]) -> None:
    """Raise InvalidValueError for a secret that is set in production and could be guessed."""
    is_weak = len(secret.text) < LEAST_SECRET or _WEAK.fullmatch(secret.text)
    if above["env"] == "production" and secret.text and is_weak:
        raise InvalidValueError(f"is too weak for production; use at least {LEAST_SECRET} random characters")


def fresh_secret(text: str, env: str) -> Secret:
    """Return the secret that a file now holds, or raise InvalidValueError where a service could not start with it."""
    secret = SecretText().parse(text, "")
    strong_in_production(secret, {"env": env})
    return secret
