"""Hypothesis strategies for answers."""

from typing import Any

from hypothesis import strategies as st

from trivium import model

MODEL = model.load()
LANGUAGES = list(MODEL.languages)
CHOICES = {criterion.id: list(criterion.answers) for criterion in MODEL.criteria.values()}

answers: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional={id_: st.sampled_from(choices) for id_, choices in CHOICES.items()}
)
approved = st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True)
