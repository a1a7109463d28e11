"""What may be published, and where it goes: a quiet machine, one machine, every figure there."""

from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from bench import evidence, quiet, readme
from bench.peers.fetch import UnavailableError
from bench.services import reference

CLAIM = {"statement": "S2", "figure": "memory", "what": "memory", "better": "less", "of": ["go"], "than": "python"}


def summary(machine: str = "2 cores", **figures: dict[str, float]) -> dict[str, Any]:
    return {"command": "make bench-services", "date": "2026-01-01", "machine": machine, "figures": figures}


def test_a_claim_is_a_ratio_of_one_run() -> None:
    text = evidence.evidence([summary(memory={"python": 80.0, "go": 20.0})], [CLAIM])
    assert "go: 0.25" in text
    assert "machine: 2 cores" in text


def test_figures_of_two_machines_are_no_comparison() -> None:
    found = [summary(memory={"python": 80.0, "go": 20.0}), summary("4 cores")]
    with pytest.raises(ValueError, match="the runs are of 2 machines; run make bench on one"):
        evidence.evidence(found, [CLAIM])


def test_a_figure_that_nobody_measured() -> None:
    with pytest.raises(ValueError, match="nobody has measured memory; run make bench"):
        evidence.evidence([summary()], [CLAIM])


@pytest.mark.parametrize(("busy", "refused"), [(3.0, False), (60.0, True)])
def test_a_busy_machine_is_refused(monkeypatch: pytest.MonkeyPatch, *, busy: float, refused: bool) -> None:
    monkeypatch.setattr(psutil, "cpu_percent", lambda _seconds: busy)
    if not refused:
        quiet.insist()
        return
    with pytest.raises(UnavailableError, match=r"others take 60 % of it, at most 15 % may be. Try again"):
        quiet.insist()


def test_a_section_goes_before_the_layout_and_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("# Title\n\n## Layout\n\nrest\n", encoding="utf-8")
    readme.put("bench-x", "first", page)
    readme.put("bench-x", "second", page)
    text = page.read_text(encoding="utf-8")
    assert "first" not in text
    assert text.index("second") < text.index("## Layout")
    assert text.endswith("rest\n")


def test_a_page_without_a_place_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("# Title\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no place for the section"):
        readme.put("bench-x", "text", page)
    assert page.read_text(encoding="utf-8") == "# Title\n"


def test_nginx_says_what_the_service_said() -> None:
    answer = httpx.Response(
        200, headers={"content-type": "application/json", "etag": '"1"', "date": "now"}, text="{'a'}"
    )
    place = reference.place("/v1/orders/1", answer)
    assert place.startswith("    location = /v1/orders/1 { default_type 'application/json'; ")
    assert "add_header etag '\"1\"';" in place
    assert "return 200 '{\\'a\\'}';" in place
    assert "date" not in place


def test_nginx_cannot_say_a_dollar() -> None:
    with pytest.raises(UnavailableError, match="nginx cannot be told to return a"):
        reference.place("/", httpx.Response(200, headers={"content-type": "text/plain"}, text="$5"))
