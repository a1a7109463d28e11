"""Prints what each language makes of every awkward request: `make verdicts`, a table of input by language.

Renders, sets up and starts the three services in turn, and sends each the rows of common/api/vectors.yml. The exit
code is 1 when one of them says something else than the table.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml

from project import BIN, ROOT
from services.contract import places
from services.running import Service, make
from trivium.verify.validation import content

LANGUAGES = ("python", "go", "java")


def main() -> int:
    """Print the table and return the exit code."""
    rows = yaml.safe_load((ROOT / "common" / "api" / "vectors.yml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as parent:
        given = [verdicts(Path(parent), language, rows) for language in LANGUAGES]
    expected = [told(row["status"], row.get("at")) for row in rows]
    for line in table(rows, expected, given):
        print(line)
    agree = sum(all(answer == want for answer in answers) for want, *answers in zip(expected, *given, strict=True))
    print(f"\n{agree} of {len(rows)} inputs get the same verdict, the table's, in {', '.join(LANGUAGES)}")
    return 0 if agree == len(rows) else 1


def verdicts(parent: Path, language: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Render a service, start it, and return its verdict on every row."""
    print(f"{language}: rendering, setting up, asking {len(rows)} times …", file=sys.stderr, flush=True)
    folder = parent / language / "orders"
    folder.parent.mkdir()
    words = ["new", str(folder), "--language", language, "--set", "example=full", "--yes"]
    subprocess.run([str(BIN / "trivium"), *words], check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    done = make(folder, "setup")
    if done.returncode:
        raise SystemExit(f"make setup of the {language} service failed:\n{done.stdout[-4000:]}")
    service = Service.start(folder).wait_until_ready()
    try:
        with httpx.Client(base_url=service.public) as client:
            return [verdict(send(client, row), row) for row in rows]
    finally:
        service.end()


def send(client: httpx.Client, row: Mapping[str, Any]) -> httpx.Response:
    """Send one row of the table."""
    headers = {"accept": row.get("accept", "*/*")}
    if row.get("method") != "GET":
        headers["content-type"] = row.get("content_type", "application/json")
    return client.request(
        row.get("method", "POST"), row.get("path", "/v1/orders"), content=content(row), headers=headers
    )


def verdict(response: httpx.Response, row: Mapping[str, Any]) -> str:
    """Return the status, and the places where the table names them."""
    return told(response.status_code, places(response.json()) if "at" in row and response.is_error else None)


def told(status: int, at: Sequence[str] | None) -> str:
    """Return a verdict in words."""
    return " ".join([str(status), *sorted(at or [])])


def table(rows: Sequence[Mapping[str, Any]], expected: list[str], given: list[list[str]]) -> Iterator[str]:
    """Yield the table in Markdown; a verdict that is not the table's stands in bold."""
    yield f"| input | expected | {' | '.join(LANGUAGES)} |"
    yield f"|{' --- |' * (2 + len(LANGUAGES))}"
    for row, want, *answers in zip(rows, expected, *given, strict=True):
        told_by = [answer if answer == want else f"**{answer}**" for answer in answers]
        yield f"| {row['id']} | {want} | {' | '.join(told_by)} |".replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
