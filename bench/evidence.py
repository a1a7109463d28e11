"""`make evidence`: what the benchmarks found, set beside the numbered statements, for the chooser."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from bench import summaries

HERE = Path(__file__).parent
EVIDENCE = HERE.parent / "chooser" / "evidence.yml"
HEAD = "# Written by `make evidence`, from bench/claims.yml and bench/summary: ratios from one run, `than` being 1.\n"
BAD_INPUT = 2


def main() -> int:
    """Write chooser/evidence.yml; return 2 with one sentence where the summaries do not fit together."""
    found, claims = summaries.read(), yaml.safe_load((HERE / "claims.yml").read_text(encoding="utf-8"))
    try:
        text = evidence(found, claims)
    except ValueError as error:
        print(f"make evidence: {error}", file=sys.stderr)
        return BAD_INPUT
    EVIDENCE.write_text(text, encoding="utf-8")
    print(f"chooser/{EVIDENCE.name} has {len(claims)} claims.")
    return 0


def evidence(found: list[dict[str, Any]], claims: list[dict[str, Any]]) -> str:
    """Return the file. Raises ValueError where the runs are of several machines, or a figure is missing."""
    machines = {each["machine"] for each in found}
    if len(machines) != 1:
        raise ValueError(f"the runs are of {len(machines)} machines; run make bench on one.")
    figures = {name: values for each in found for name, values in each["figures"].items()}
    if missing := {claim["figure"] for claim in claims} - set(figures):
        raise ValueError(f"nobody has measured {', '.join(sorted(missing))}; run make bench.")
    whole = {
        "command": "make bench",
        "date": max(each["date"] for each in found),
        "machine": machines.pop(),
        "claims": [_claim(claim, figures[claim["figure"]]) for claim in claims],
    }
    return HEAD + yaml.safe_dump({"evidence": whole}, sort_keys=False, allow_unicode=True, width=120)


def _claim(claim: Mapping[str, Any], values: Mapping[str, float]) -> dict[str, Any]:
    ratios = {language: float(f"{values[language] / values[claim['than']]:.2g}") for language in claim["of"]}
    kept = {key: claim[key] for key in ("statement", "what", "better", "than")}
    return kept | {"ratios": ratios}


if __name__ == "__main__":
    sys.exit(main())
