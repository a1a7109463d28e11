"""The recommendation as a page for a browser: renders chooser/report.html.jinja, with the chart of measurements."""

from dataclasses import asdict
from pathlib import Path

from . import model, source, templating, writing
from .recommendation import Recommendation

REPORT = "{% include 'chooser/report.html.jinja' %}"
CHART = Path("docs") / "bench.svg"


def write(recommendation: Recommendation, path: Path) -> None:
    """Write the page. Raises UserError where it cannot be written."""
    writing.whole(path, page_of(recommendation) + "\n")


def page_of(recommendation: Recommendation) -> str:
    """Return the page, which needs nothing from elsewhere."""
    chart = (source.root() / CHART).read_text(encoding="utf-8")
    return templating.render(REPORT, model=model.load().raw, result=asdict(recommendation), chart=chart)
