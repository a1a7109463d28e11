"""Bodies and parameters, checked strictly; every mistake is named with its place."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from .exchange import Answer, problem
from .faults import planted

JSON_TYPES = {"application/json", "application/merge-patch+json"}
FORM = "application/x-www-form-urlencoded"
LONGEST_TEXT, MOST_QUANTITY, MOST_AMOUNT = 40, 1000, 200_000_000
LONGEST_NUMBER = 9  # digits
Rule = Callable[[Any], bool]


class InvalidError(Exception):
    """What was sent cannot be taken: the answer that says so."""

    def __init__(self, answer: Answer) -> None:
        """Keep it."""
        super().__init__(str(answer.status))
        self.answer = answer


def invalid(status: int, *places: str, parameter: bool = False, value: object = None) -> InvalidError:
    """Return the refusal that names some places."""
    if planted("D3-silent") and status == 422:
        return InvalidError(problem(422))
    kind = "parameter" if parameter else "pointer"
    mark = "" if planted("D3-places") or parameter else "#"
    if planted("G2-values") and value is not None:
        from .log import log

        log("refused", value=value)
    return InvalidError(problem(status, errors=[{kind: mark + place, "detail": "is not valid"} for place in places]))


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isprintable()


def _whole(most: int) -> Rule:
    def rule(value: Any) -> bool:
        if planted("D3-verdict") and isinstance(value, float) and value.is_integer():
            return True
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most

    return rule


ORDER: Mapping[str, Rule] = {"sku": _text, "customer": _text, "quantity": _whole(MOST_QUANTITY)}
CHANGE: Mapping[str, Rule] = {"quantity": _whole(MOST_QUANTITY)}
SIMULATION: Mapping[str, Rule] = {"amount": _whole(MOST_AMOUNT)}
QUOTE: Mapping[str, Rule] = {"sku": _text}


def media(headers: Mapping[str, str]) -> None:
    """Look at the content type of a request with a body. Raises InvalidError."""
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    taken = JSON_TYPES | ({FORM} if planted("D4-form") else set()) | ({""} if planted("D4-untyped") else set())
    if given not in taken:
        raise InvalidError(problem(415))


def acceptable(headers: Mapping[str, str]) -> None:
    """Look at what the client would take. Raises InvalidError."""
    for media_range in headers.get("accept", "*/*").split(","):
        kind, _, weight = media_range.replace(" ", "").lower().partition(";q=")
        wanted = {"*/*", "application/*", "application/json"} | ({"application/xml"} if planted("D4-xml") else set())
        if kind in wanted and weight.strip("0."):
            return
        if kind in wanted and not weight:
            return
    raise InvalidError(problem(406))


def read(body: bytes, rules: Mapping[str, Rule], *required: str) -> dict[str, Any]:
    """Return the members of a body. Raises InvalidError."""
    if not body:
        raise InvalidError(problem(422 if planted("D4-empty") else 400))
    try:
        value = json.loads(_decoded(body), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidError(problem(400, "this is no JSON")) from error
    if not isinstance(value, dict):
        raise invalid(422, "")
    wrong = [f"/{name}" for name in required if name not in value]
    wrong += [f"/{name}" for name in value if name not in rules or not rules[name](value[name])]
    if wrong:
        raise invalid(422, *wrong, value=value)
    return value


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        if planted("D2-500"):
            raise InvalidError(problem(500)) from error
        raise


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError
    return members


def _refuse(_: str) -> float:
    raise ValueError


def number(parameters: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return a parameter that is a number from one on. Raises InvalidError."""
    if name not in parameters:
        return default
    text = parameters[name]
    if planted("E5-most") and text.isdigit() and int(text) > most:
        return int(text)
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER and 1 <= int(text) <= most):
        raise invalid(422, name, parameter=True)
    return int(text)
