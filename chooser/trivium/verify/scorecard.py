"""The verdicts as text, JSON and JUnit XML."""

import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .suite import FAIL, NOT_APPLICABLE, PASS, SECTIONS, Check, Verdict

MARKS = {PASS: "pass", FAIL: "FAIL", NOT_APPLICABLE: "n/a "}


def line(verdict: Verdict) -> str:
    """Return one line for a person."""
    return f"{MARKS[verdict.outcome]}  {verdict.check.id}  {verdict.check.title}\n          {verdict.seen}"


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return the last line."""
    count = Counter(verdict.outcome for verdict in verdicts)
    return f"{count[PASS]} passed, {count[FAIL]} failed, {count[NOT_APPLICABLE]} not applicable"


def listing(checks: Sequence[Check]) -> str:
    """Return every check with who demands it."""
    lines = []
    for section, title in SECTIONS.items():
        lines.append(f"{section}. {title}")
        lines += [f"  {c.id}  {c.title}\n      demanded by {c.demanded_by}" for c in checks if c.id[0] == section]
    return "\n".join(lines)


def as_json(name: str, verdicts: Sequence[Verdict]) -> str:
    """Return one JSON object."""
    rows: list[dict[str, Any]] = [
        {
            "id": verdict.check.id,
            "title": verdict.check.title,
            "outcome": verdict.outcome,
            "seen": verdict.seen,
            "seconds": round(verdict.seconds, 3),
        }
        for verdict in verdicts
    ]
    count = Counter(verdict.outcome for verdict in verdicts)
    totals = {"passed": count[PASS], "failed": count[FAIL], "not_applicable": count[NOT_APPLICABLE]}
    return json.dumps({"service": name, **totals, "checks": rows}, indent=2)


def as_junit(name: str, verdicts: Sequence[Verdict]) -> str:
    """Return JUnit's XML, as CI systems read it."""
    count = Counter(verdict.outcome for verdict in verdicts)
    suite = ET.Element(
        "testsuite",
        name=f"readiness of {name}",
        tests=str(len(verdicts)),
        failures=str(count[FAIL]),
        skipped=str(count[NOT_APPLICABLE]),
        time=f"{sum(verdict.seconds for verdict in verdicts):.3f}",
    )
    for verdict in verdicts:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"readiness.{verdict.check.id[0]}",
            name=f"{verdict.check.id} {verdict.check.title}",
            time=f"{verdict.seconds:.3f}",
        )
        if verdict.outcome == FAIL:
            ET.SubElement(case, "failure", message=verdict.seen)
        if verdict.outcome == NOT_APPLICABLE:
            ET.SubElement(case, "skipped", message=verdict.seen)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)
