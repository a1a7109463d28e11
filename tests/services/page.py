"""Following a service's docs/add-an-operation.md to the letter: each file that it names gets the block below its name.

A page says `File: ` and a path, then maybe `After: ` or `Before: ` and a line of that file, then a fenced block.
Without such a line the block is the whole of a new file.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.running import Service, make

STEPS = 5
PLACE = re.compile(r"^(File|After|Before): `(.+)`$")
STEP = re.compile(r"^## \d\. ")


@dataclass
class Edit:
    """One block of the page, and where it goes."""

    path: str
    block: list[str]
    anchor: str = ""
    before: bool = False


def steps(page: str) -> int:
    """Return how many numbered steps a page has."""
    return sum(bool(STEP.match(line)) for line in page.splitlines())


def edits(page: str) -> list[Edit]:
    """Return what a page says to do, in its order."""
    found: list[Edit] = []
    place: dict[str, str] = {}
    lines = iter(page.splitlines())
    for line in lines:
        if named := PLACE.match(line):
            place[named[1]] = named[2]
        elif line.startswith("```") and "File" in place:
            block = list(iter(lambda: next(lines), "```"))
            anchor = place.get("After") or place.get("Before", "")
            found.append(Edit(place["File"], block, anchor, "Before" in place))
            place = {}
    return found


def follow(page: str, folder: Path) -> None:
    """Do what a page says, in a folder."""
    for edit in edits(page):
        path = folder / edit.path
        if not edit.anchor:
            assert not path.exists(), f"{edit.path} is there already, and the page does not say where to add"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join([*edit.block, ""]), encoding="utf-8")
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        at = next((n for n, line in enumerate(lines) if line.strip() == edit.anchor.strip()), None)
        assert at is not None, f"{edit.path} has no line {edit.anchor!r}"
        at += 0 if edit.before else 1
        lines[at:at] = edit.block
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def add_an_operation(folder: Path) -> None:
    """Follow docs/add-an-operation.md, run the service's own gates, and ask the new operation."""
    text = (folder / "docs" / "add-an-operation.md").read_text(encoding="utf-8")
    assert steps(text) == STEPS
    follow(text, folder)
    done = make(folder, "lint", "test")
    assert done.returncode == 0, done.stdout[-4000:]
    service = Service.start(folder).wait_until_ready()
    try:
        answer = httpx.get(f"{service.public}/v1/greetings/ada")
        assert (answer.status_code, answer.json()) == (200, {"greeting": "Hello, ada!"})
        assert "/v1/greetings/{name}" in httpx.get(f"{service.public}/openapi.json").json()["paths"]
        assert service.stop() == 0
    finally:
        service.end()
