"""What load/operations.py is written with: how an operation asks, and what it gets back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, with the status that was wanted."""

    headers: Mapping[str, str]  # by names in lower case
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body, which is a JSON object."""
        content: dict[str, Any] = json.loads(self.body)
        return content


class Ask(Protocol):
    """Sends a request for an objective of slo.yaml, which has its method and its route."""

    def __call__(
        self,
        objective: str,
        wanted: int,
        *,
        path: Mapping[str, str] | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Answer | None:
        """Return the answer when it has the status `wanted`; None when it has another, and then it counts as failed.

        `path` has what stands in the braces of the route, `body` is sent as JSON.
        """
        ...


type Operation = Callable[[Ask], None]
