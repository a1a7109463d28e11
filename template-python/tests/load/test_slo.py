"""Reading slo.yaml: what is wrong with it is one sentence that says where."""

from pathlib import Path

import pytest

from loadtest.entry import BadSloError
from loadtest.slo import Slo, Step, read

RIGHT = """
objectives:
  - {name: see, method: GET, route: "/v1/things/{id}", p99_ms: 250, availability: 0.999}
load:
  warm_up_seconds: 0
  least_achieved: 0.95
  profiles:
    smoke: [{seconds: 2, requests_per_second: 20}]
    spike: [{seconds: 1, requests_per_second: 5}, {seconds: 0.5, requests_per_second: 50}]
"""


def written(folder: Path, text: str) -> Slo:
    """Read a file with this text."""
    file = folder / "slo.yaml"
    file.write_text(text, encoding="utf-8")
    return read(file)


def test_what_it_says(tmp_path: Path) -> None:
    """Objectives are found by name, profiles have their steps."""
    slo = written(tmp_path, RIGHT)
    assert slo.of_mix(["see"])[0].p99_ms == 250
    assert slo.profile("spike") == [Step(1, 5), Step(0.5, 50)]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("p99_ms: 250", "p99_ms: -1", "objectives.see.p99_ms must be a positive number, not '-1'"),
        ("p99_ms: 250", "p99_ms: .nan", "objectives.see.p99_ms must"),
        ("p99_ms: 250", "p99_ms: true", "objectives.see.p99_ms must"),
        ("p99_ms: 250, ", "", "objectives.see.p99_ms is missing"),
        ("0.999", "1.5", "objectives.see.availability must be a number between 0 and 1"),
        ("seconds: 0.5", "seconds: 0", "load.profiles.spike[1].seconds must"),
        ("second: 20", "second: many", "load.profiles.smoke[0].requests_per_second must"),
        ("0.95", "0", "load.least_achieved must"),
        ("load:", "loads:", "load is missing"),
        ("name: see, ", "", "objectives[0].name is missing"),
        (RIGHT, "", "the whole must be a map with entries"),
        (RIGHT, "\nobjectives: [", "slo.yaml is not YAML in line 2: "),
    ],
)
def test_what_is_wrong(tmp_path: Path, old: str, new: str, place: str) -> None:
    """The entry is named, in one line."""
    with pytest.raises(BadSloError) as caught:
        written(tmp_path, RIGHT.replace(old, new))
    assert place in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_missing(tmp_path: Path) -> None:
    """A file, a profile, and an objective of the mix that are not there are told by name."""
    slo = written(tmp_path, RIGHT)
    with pytest.raises(BadSloError, match=r'no profile "walk" .* there are smoke, spike'):
        slo.profile("walk")
    with pytest.raises(BadSloError, match='no objective "hear"'):
        slo.of_mix(["see", "hear"])
    with pytest.raises(BadSloError, match=r"other\.yaml is missing"):
        read(tmp_path / "other.yaml")
