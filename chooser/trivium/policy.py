"""An organisation's policy: found, read, checked, and laid over the answers, with which it travels as `policy`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import UserError

POLICY = "policy"
VARIABLE = "TRIVIUM_POLICY"
TIMEOUT = 10  # seconds for a policy behind a URL
LARGEST = 1_000_000  # bytes


def find(given: str | None) -> dict[str, Any]:
    """Return the policy in force, empty for none: --policy, else the variable, else the user's configuration folder.

    Raises UserError.
    """
    place = given or os.environ.get(VARIABLE)
    if place:
        return read(place)
    from platformdirs import user_config_path  # only here: most runs name a policy or have none

    own = user_config_path("trivium") / "policy.yml"
    return read(str(own)) if own.is_file() else {}


def read(place: str) -> dict[str, Any]:
    """Read and check a policy from a file or an http(s) URL. Raises UserError."""
    from . import handwritten  # not for the first prompt

    content = _fetch(place) if place.lower().startswith(("http://", "https://")) else _read_file(Path(place))
    return check(handwritten.mapping(content, f"The policy {place}"), place)


def check(policy: dict[str, Any], place: str) -> dict[str, Any]:
    """Return a policy that fits its schema. Raises UserError naming the field and what it may be."""
    if not policy:
        return {}
    from . import fitting, policy_schema

    if found := fitting.mistake(policy_schema.schema(), policy):
        raise UserError(f"The policy {place} is wrong at {fitting.named(found[0])}: {found[1]}.")
    both = sorted(set(policy.get("fixed", {})) & set(policy.get("defaults", {})))
    if both:
        raise UserError(f"The policy {place} both fixes {both[0]} and gives it a default; keep one of them.")
    return policy


def lay_over(policy: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers with the policy's: fixed ones always, defaults where nothing is answered.

    Raises UserError when an answer is given that the policy fixes otherwise.
    """
    policy = policy or answers.get(POLICY, {})
    if not policy:
        return dict(answers)
    for key, fixed in policy.get("fixed", {}).items():
        if answers.get(key, fixed) != fixed:
            raise UserError(f"{key} is fixed at {fixed} by the policy; got {answers[key]}.")
    return {**policy.get("defaults", {}), **answers, **policy.get("fixed", {}), POLICY: dict(policy)}


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"The policy {path} cannot be read: {error.strerror}.") from error


def _fetch(url: str) -> bytes:
    from urllib.error import URLError  # only here: it takes as long to load as all the rest
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=TIMEOUT) as response:  # http and https only, see read()
            content: bytes = response.read(LARGEST + 1)
    except (URLError, TimeoutError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise UserError(f"The policy {url} does not answer: {reason}.") from error
    return content
