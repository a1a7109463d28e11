"""`make peers`: the readiness suite on services that others wrote, and on ours, as one table in the README.

`make peers ONLY=podinfo,go` takes some of them and only prints. `make peers KEEP=1` runs only those that have no report
in out/peers yet, as after an interruption.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from . import fetch, ours, table

OUT = ours.ROOT / "out" / "peers"
OURS = Path(tempfile.gettempdir()) / "trivium-peers"  # the generator renders into no checkout of its own
SECONDS = 1800  # for one service; the suite itself takes minutes
BAD_INPUT = 2
PEERS: Mapping[str, Mapping[str, Any]] = yaml.safe_load((fetch.HERE / "peers.yml").read_text(encoding="utf-8"))


def main() -> int:
    """Fetch, build, verify, print; return 0 when every service could be judged."""
    names = [*ours.LANGUAGES, *PEERS]
    only = [word.strip() for word in os.environ.get("ONLY", "").split(",") if word.strip()]
    if unknown := [word for word in only if word not in names]:
        print(f"There is no peer called {unknown[0]}; there are {', '.join(names)}.", file=sys.stderr)
        return BAD_INPUT
    columns = [_column(name) for name in names if name in only or not only]
    reports = [column.report for column in columns if column.report]
    if not reports:
        print("None of them could be judged.", file=sys.stderr)
        return 1
    text = table.markdown({row["id"]: row["title"] for row in reports[0]["checks"]}, columns)
    print(f"\n{text}")
    if not only:
        table.put(ours.ROOT / "README.md", text)
        print("\nREADME.md has the table.")
    return 0 if len(reports) == len(columns) else 1


def _column(name: str) -> table.Column:
    folder = OUT / name if name in PEERS else OURS / name / "orders"
    about = "rendered here, `example: full`, verified by `make verify`"
    try:
        if name in PEERS:
            about = _about(name)
        report = _kept(name) or _fresh(name, folder)
    except fetch.UnavailableError as error:
        print(f"{name}: {error.word}. {error}", file=sys.stderr, flush=True)
        return table.Column(name, about, word=error.word)
    return table.Column(name, about, report, outcomes={row["id"]: row["outcome"] for row in report["checks"]})


def _kept(name: str) -> dict[str, Any] | None:
    """Return the report of an earlier run, where one is wanted and there is one."""
    path = OUT / f"{name}.json"
    if not os.environ.get("KEEP") or not path.is_file():
        return None
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    print(f"{name}: from the report of {time.strftime('%Y-%m-%d %H:%M', time.localtime(path.stat().st_mtime))}")
    return kept


def _fresh(name: str, folder: Path) -> dict[str, Any]:
    """Get, build and verify. Raises UnavailableError."""
    print(f"{name}: getting and building it", flush=True)
    if name in PEERS:
        fetch.build(name, PEERS[name], folder)
    else:
        ours.render(name, folder)
    return _verify(name, folder)


def _about(name: str) -> str:
    entry = PEERS[name]
    return f"{entry['version']}, {entry['is']}; `trivium verify --service out/peers/{name}/verify.yml`"


def _verify(name: str, folder: Path) -> dict[str, Any]:
    """Run the suite, its progress on our standard error, and keep its report. Raises UnavailableError."""
    begun = time.monotonic()
    words = [str(ours.TRIVIUM), "verify", "--json", "--service", str(folder / "verify.yml")]
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise fetch.UnavailableError("no end", f"The suite had not ended after {SECONDS} s.") from error
    if done.returncode not in (0, 1):
        raise fetch.UnavailableError("not started", "The suite says why, above.")
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(done.stdout, encoding="utf-8")
    print(f"{name}: done in {time.monotonic() - begun:.0f} s", flush=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
