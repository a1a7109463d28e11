"""The recommendation in words: renders chooser/explain.jinja, the text that plain Copier shows too."""

from dataclasses import asdict

from . import model, templating
from .recommendation import Recommendation

EXPLAIN = "{% from 'chooser/explain.jinja' import explain %}{{ explain(model, result) }}"


def explain(recommendation: Recommendation) -> str:
    """Return the recommendation, its reasons and what was left open, for a terminal."""
    return templating.render(EXPLAIN, model=model.load().raw, result=asdict(recommendation))
