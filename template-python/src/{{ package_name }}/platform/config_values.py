"""The kinds of values a configuration key can have: what they accept and what they say when they refuse."""

import re
from dataclasses import dataclass
from typing import Protocol

_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_SQLITE_URL = re.compile(r"sqlite:///[^?#]+")


class InvalidValueError(ValueError):
    """A value that its kind refuses; the text says what would be accepted."""


class Kind[T](Protocol):
    """A kind of value."""

    @property
    def range(self) -> str:
        """What is accepted, for the table of keys."""
        ...

    def parse(self, text: str) -> T:
        """Return the value that the text stands for, or raise InvalidValueError."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """Any text."""

    @property
    def range(self) -> str:
        """What is accepted."""
        return "text"

    def parse(self, text: str) -> str:
        """Return the text."""
        return text


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def range(self) -> str:
        """What is accepted."""
        return ", ".join(self.words)

    def parse(self, text: str) -> str:
        """Return the word."""
        if text not in self.words:
            raise InvalidValueError(f'must be one of {self.range}, got "{text}"')
        return text


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number."""

    minimum: int
    maximum: int

    @property
    def range(self) -> str:
        """What is accepted."""
        return f"{self.minimum} to {self.maximum}"

    def parse(self, text: str) -> int:
        """Return the number."""
        if not _INTEGER.fullmatch(text) or not self.minimum <= int(text) <= self.maximum:
            raise InvalidValueError(f'must be an integer from {self.range}, got "{text}"')
        return int(text)


@dataclass(frozen=True, slots=True)
class Seconds:
    """A span of time in seconds, decimals allowed."""

    minimum: float
    maximum: float

    @property
    def range(self) -> str:
        """What is accepted."""
        return f"{self.minimum:g} to {self.maximum:g}"

    def parse(self, text: str) -> float:
        """Return the number of seconds."""
        if not _DECIMAL.fullmatch(text) or not self.minimum <= float(text) <= self.maximum:
            raise InvalidValueError(f'must be a number from {self.range}, got "{text}"')
        return float(text)


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """The URL of a database. It may hold a password, so a refusal never repeats it."""

    @property
    def range(self) -> str:
        """What is accepted."""
        return "sqlite:///path"

    def parse(self, text: str) -> str:
        """Return the URL."""
        if not _SQLITE_URL.fullmatch(text) or text.endswith(":memory:"):
            raise InvalidValueError(f"must be a URL of the form {self.range}")
        return text
