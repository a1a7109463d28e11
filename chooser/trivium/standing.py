"""Where the three languages stand, in one line."""

from . import model
from .recommendation import Recommendation

BAR = 16  # characters for a score of 100


def line(recommendation: Recommendation) -> str:
    """Return the languages in their own order, so that only the bars move from answer to answer."""
    scores = {rank.language: rank for rank in recommendation.ranking}
    return "   ".join(
        f"{label} {'excluded' if scores[id_].excluded else _bar(scores[id_].score)}"
        for id_, label in model.load().languages.items()
    )


def level() -> str:
    """Return the line as it is while nothing is answered."""
    chooser = model.load()
    return "   ".join(f"{label} {_bar(chooser.raw['neutral_score'])}" for label in chooser.languages.values())


def _bar(score: float) -> str:
    filled = round(score / 100 * BAR)
    return f"{'#' * filled}{'.' * (BAR - filled)} {score:.0f}"
