"""A service that has little of what the checks look for, or answers oddly, gets verdicts, and never ends the suite."""

from typing import Any

import pytest

from trivium.verify import suite as own
from verify import odd
from verify.suite import Suite, right, script

GATHERED = (
    "probes",
    "requests",
    "metrics",
    "logs",
    "trace_header",
    "identity",
    "contract",
    "pages",
    "vectors",
    "gates",
)
FIELDS = (*GATHERED, "fanout", "sizing", "database", "idempotency")


def oddly(text: str) -> dict[str, Any]:
    """Return the service file of a few lines of Python, with everything that the right service's has."""
    described = right()
    probes = {"listener": "public", "live": "/livez"}
    return script(text, **{name: described[name] for name in GATHERED} | {"probes": probes})


@pytest.mark.parametrize("field", FIELDS)
def test_what_the_service_file_does_not_name_is_not_applicable(suite: Suite, field: str) -> None:
    described = right(database="sqlite" if field in {"database", "idempotency"} else "")
    del described[field]
    described["environment"].pop("APP_DATABASE_URL", None)
    needing = [check.id for check in own.checks().values() if any(need.split(".")[0] == field for need in check.needs)]
    assert needing
    assert {outcome for outcome, _ in suite.verdicts(described, *needing).values()} == {own.NOT_APPLICABLE}


@pytest.mark.parametrize("text", [odd.ANSWERS, odd.ANSWERS_FIGURES, odd.ANSWERS_LISTS])
def test_odd_answers_fail_checks_and_end_nothing(suite: Suite, text: str) -> None:
    verdicts = suite.verdicts(oddly(text), "D", "E", "G")
    failed = {id_ for id_, (outcome, _) in verdicts.items() if outcome == own.FAIL}
    assert failed >= {"D3", "D4", "E1", "E2", "E4", "E5", "E6", "G1", "G3", "G4", "G5", "G6", "G7"}


@pytest.mark.parametrize("content", ["[]", "id: least", "[{id: least}]"])
def test_vectors_that_are_no_list_of_inputs(suite: Suite, content: str) -> None:
    (suite.folder / "own.yml").write_text(content, encoding="utf-8")
    outcome, seen = suite.verdicts({**right(), "vectors": "own.yml"}, "D3")["D3"]
    assert (outcome, seen) == (
        own.FAIL,
        "own.yml, which the service file names, has to be a list of inputs, each with id and status.",
    )
