"""What a policy may say, as JSON Schema made from the decision model: `trivium policy schema` prints it."""

from typing import Any

from . import model


def schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of a policy file."""
    chooser = model.load()
    answers = {id_: {"enum": list(criterion.answers)} for id_, criterion in chooser.criteria.items()}
    languages = {"type": "array", "items": {"enum": list(chooser.languages)}, "minItems": 1, "uniqueItems": True}
    workloads = list(chooser.criteria[chooser.raw["policy"]["by"]].answers)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A policy of an organisation for Trivium",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "message": {"type": "string", "minLength": 1, "description": "Shown with every recommendation."},
            "standard": {"type": "string", "pattern": "^https?://", "description": "Link to the written standard."},
            "allowed_languages": {
                "type": "object",
                "description": "Languages by workload; `any` holds for the workloads that are not named.",
                "additionalProperties": False,
                "properties": dict.fromkeys(("any", *workloads), languages),
            },
            "required": {
                "type": "array",
                "description": "Libraries and properties every service must have.",
                "items": {"enum": list(chooser.must_have)},
                "uniqueItems": True,
            },
            "weights": {
                "type": "object",
                "description": "How many times a criterion's points count.",
                "additionalProperties": False,
                "properties": {id_: {"type": "number", "minimum": 0, "maximum": 3} for id_ in answers},
            },
            "fixed": _some(answers, "Answers nobody may change."),
            "defaults": _some(answers, "Answers taken where nothing is answered."),
        },
    }


def _some(answers: dict[str, Any], description: str) -> dict[str, Any]:
    return {"type": "object", "description": description, "additionalProperties": False, "properties": answers}
