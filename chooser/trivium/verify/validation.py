"""Section D: typing and validation."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from trivium.errors import UserError

from . import files, process, wire
from .service_file import Request
from .trial import Running, Trial, expect
from .wire import NoAnswerError

GATE_SECONDS = 900.0
SHOWN = 3  # differing verdicts in a sentence


def d1(trial: Trial) -> str:
    """Run the service's own static gates."""
    return gate(trial, "static")


def gate(trial: Trial, name: str) -> str:
    """Run one of the commands that the service holds itself to."""
    words = trial.service.get(f"gates.{name}")
    with trial.places() as places:
        code, said, took = process.run(words, trial.service.folder, trial.environment(places), GATE_SECONDS)
    last = " | ".join(line.strip() for line in said[-SHOWN:] if line.strip())
    expect(code is not None, f"{' '.join(words)} has not ended after {took:.0f} s: {last}")
    expect(code == 0, f"{' '.join(words)} ends with {code}: {last}")
    return f"{' '.join(words)} passes in {took:.0f} s"


def d2(trial: Trial) -> str:
    """Send awkward inputs of every kind, and look for any 5xx."""
    running = trial.shared()
    rows, mangled = _vectors(trial), _mangled(trial)
    for row in [*rows, *mangled]:
        status, _ = _verdict(running, row)
        expect(0 < status < 500, f"{row['id']!r} got {status or 'no answer'}")
    expect(running.process.running, "it ended")
    return f"{len(rows)} awkward inputs and {len(mangled)} mangled ones, no 5xx"


def _mangled(trial: Trial) -> list[dict[str, Any]]:
    """Return the upload's body cut off at every place, and with each of its bytes changed."""
    body = trial.service.request("upload").body.encode()
    cut = [body[:end] for end in range(len(body))]
    changed = [body[:at] + bytes([body[at] ^ 0x80]) + body[at + 1 :] for at in range(len(body))]
    return [{"id": f"mangled {n}", "base64": base64.b64encode(b).decode()} for n, b in enumerate([*cut, *changed])]


def d3(trial: Trial) -> str:
    """Hold every verdict to the file that all languages share."""
    running = trial.shared()
    rows = _vectors(trial)
    wrong = []
    for row in rows:
        status, places = _verdict(running, row)
        if status != row["status"] or ("at" in row and places != sorted(row["at"])):
            wanted = f"{row['status']} {' '.join(row.get('at', []))}".strip()
            wrong.append(f"{row['id']!r} got {status} {' '.join(places)}".strip() + f", not {wanted}")
    expect(not wrong, f"{len(wrong)} of {len(rows)} verdicts differ: {'; '.join(wrong[:SHOWN])}")
    return f"{len(rows)} inputs, {len({row['status'] for row in rows})} different statuses, all as agreed"


def d4(trial: Trial) -> str:
    """Send another media type, accept another, send nothing."""
    running, request = trial.shared(), trial.service.request("upload")
    asked: dict[str, tuple[Request, dict[str, str], int]] = {
        "a form": (request, {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        "no content type": (request, {"Content-Type": ""}, 415),
        "an answer in XML": (request, {"Accept": "application/xml"}, 406),
        "an empty body": (Request(request.method, request.path), {"Content-Type": request.content_type}, 400),
    }
    wrong = []
    for what, (one, headers, wanted) in asked.items():
        answer = wire.attempt(running.public, one, headers=headers)
        if answer.status != wanted:
            wrong.append(f"{what} got {answer}, not {wanted}")
    expect(not wrong, "; ".join(wrong))
    return "415, 406, 400"


def _vectors(trial: Trial) -> list[Mapping[str, Any]]:
    name = trial.service.get("vectors")
    rows = files.read(trial.service, name)
    well = isinstance(rows, list) and all(isinstance(row, dict) and {"id", "status"} <= row.keys() for row in rows)
    if not well or not rows:
        raise UserError(f"{name}, which the service file names, has to be a list of inputs, each with id and status.")
    return list[Mapping[str, Any]](rows)


def content(row: Mapping[str, Any]) -> bytes:
    """Return what a row of the table sends."""
    if "base64" in row:
        return base64.b64decode(row["base64"])
    if "repeat" in row:
        return "".join(str(text) * int(times) for text, times in row["repeat"]).encode()
    return str(row.get("body", "")).encode()


def _verdict(running: Running, row: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Send a row; return the status and the places that the problem names."""
    upload = running.service.request("upload")
    request = Request(row.get("method", upload.method), row.get("path", upload.path))
    headers = {"Content-Type": row.get("content_type", upload.content_type)} if request.method != "GET" else {}
    if "accept" in row:
        headers["Accept"] = row["accept"]
    answer = wire.attempt(running.public, request, headers=headers, content=content(row))
    if isinstance(answer, NoAnswerError):
        return 0, []
    errors = wire.problem(answer).get("errors") or []
    return answer.status, sorted(str(error.get("pointer") or error.get("parameter")) for error in errors)


CHECKS: dict[str, Callable[[Trial], str]] = {"D1": d1, "D2": d2, "D3": d3, "D4": d4}
