"""A rendered service, looked at again: what it was rendered with, what has changed since, and the road from there."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import answers as answering
from . import model, program
from .errors import UserError
from .recommendation import Recommendation, recommend

RECORD = ".copier-answers.yml"


def read(service: Path) -> dict[str, Any]:
    """Return the answers that a service was rendered with, its language among them. Raises UserError."""
    record = service / RECORD
    if not record.is_file():
        raise UserError(f"{service} has no {RECORD}; name the folder of a service that Trivium rendered.")
    answers = answering.check(answering.read(record))
    if answering.LANGUAGE not in answers:
        raise UserError(f"{record} names no language; name the folder of a service that Trivium rendered.")
    return answers


def weigh(given: Mapping[str, Any]) -> Recommendation:
    """Return what is recommended now. Raises UserError where the answers contradict each other.

    What the service is written in does not count: it shall not keep the answers from excluding that language.
    """
    others = {key: value for key, value in given.items() if key != answering.LANGUAGE}
    answering.check_together(others)
    return recommend(others)


def describe(rendered: Mapping[str, Any], given: Mapping[str, Any], now: Recommendation) -> str:
    """Say what the service is written in, which answers have changed, and what is recommended now."""
    labels = model.load().languages
    written = labels[rendered[answering.LANGUAGE]]
    lines = [
        f"{rendered.get('service_name', 'The service')} is written in {written}.",
        f"The answers it was rendered with recommend {labels[recommend(rendered).recommended]} today.",
    ]
    if changed := _changed(rendered, given):
        lines.append("Changed since then:")
        lines += [f"  {key}: {_words(rendered.get(key))} → {_words(value)}" for key, value in changed.items()]
    return "\n".join([*lines, "", _road(rendered[answering.LANGUAGE], now)])


def command(service: Path, rendered: Mapping[str, Any], given: Mapping[str, Any], now: Recommendation) -> str:
    """Return the command that renders the same service in the language recommended now, or nothing if it is in it."""
    if now.recommended == rendered[answering.LANGUAGE]:
        return ""
    beside = service.parent if service.name not in ("", "..") else service / ".."
    words = [program.called(), "new", str(beside / f"{service.resolve().name}-{now.recommended}"), "--yes"]
    words += ["--answers", str(service / RECORD), "--language", now.recommended]
    for key, value in _changed(rendered, given).items():
        words += ["--set", f"{key}={','.join(value) if isinstance(value, list) else value or ''}"]
    return shlex.join(words)


def _road(written: str, now: Recommendation) -> str:
    """Say whether to move, and how: the contract is the same in all languages, so old and new can run side by side."""
    labels = model.load().languages
    if now.recommended == written:
        return f"It is well where it is: {labels[written]} is recommended now."
    narrow = " It is a close call, so measure both before you move." if _narrow(written, now) else ""
    return (
        f"Now {labels[now.recommended]} is recommended.{narrow} The road: render the same service in it, beside this "
        f"one, by the command below; move your own code; hold both to the same api/openapi.yaml and the same make "
        "load; let the new one take over. Clients, dashboards and deployment stay as they are."
    )


def _narrow(written: str, now: Recommendation) -> bool:
    return now.close_call and now.runner_up == written


def _changed(rendered: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that differ now; None for one that was taken back."""
    keys = (*model.load().criteria, *answering.LISTS)
    return {key: given.get(key) for key in keys if rendered.get(key) != given.get(key)}


def _words(answer: Any) -> str:
    if isinstance(answer, list):
        return ", ".join(answer)
    return str(answer or "not answered")
