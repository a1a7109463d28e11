"""What a whole run says about the statements, for the chooser: chooser/evidence.yml."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

HEAD = "# Written by `make bench-data`, from bench/data/claims.yml and what it measured: ratios, {than} being 1.\n"
CLAIMS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("claims.yml").read_text(encoding="utf-8"))
Measured = Mapping[str, Mapping[str, float]]  # by figure, by language


def text(measured: Measured, machine: str) -> str:
    """Return the file: for each claim how the languages compare, as ratios from one run."""
    evidence = {
        "command": "make bench-data",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine,
        "claims": [_claim(claim, measured[claim["figure"]]) for claim in CLAIMS],
    }
    body = yaml.safe_dump({"evidence": evidence}, sort_keys=False, allow_unicode=True, width=120)
    return HEAD.format(than=" and ".join(sorted({claim["than"].capitalize() for claim in CLAIMS}))) + body


def _claim(claim: Mapping[str, Any], values: Mapping[str, float]) -> dict[str, Any]:
    ratios = {language: float(f"{values[language] / values[claim['than']]:.2g}") for language in claim["of"]}
    kept = {key: claim[key] for key in ("statement", "what", "better", "than")}
    return kept | {"ratios": ratios}
