"""Answers from a file and from the command line: read, checked, and put together."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from . import model, naming, policy, templating
from .errors import UserError, shown

APPROVED = "approved_languages"
MUST_HAVE = "must_have"
LISTS = (APPROVED, MUST_HAVE)
LANGUAGE = "language"
CONTRADICTION = "{% from 'chooser/evaluate.jinja' import contradiction %}{{ contradiction(model, answers) }}"
UNFIT = "{% from 'chooser/evaluate.jinja' import unfit %}{{ unfit(model, answers, language) }}"


def read(path: Path) -> dict[str, Any]:
    """Read an answers file, a YAML mapping, or standard input for `-`. Raises UserError."""
    from . import handwritten  # not for the first prompt

    content = handwritten.read(path, "answers file")
    # A service's own .copier-answers.yml is an answers file too; its keys with an underscore are Copier's.
    return {key: value for key, value in content.items() if not key.startswith("_")}


def parse_settings(settings: Iterable[str]) -> dict[str, Any]:
    """Parse `key=value` words; a list is written with commas. Raises UserError."""
    parsed: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UserError(f"--set takes key=value, such as --set traffic=high; got {shown(setting)}.")
        parsed[key] = [word for word in value.split(",") if word] if key in LISTS else value
    return parsed


def check(given: Mapping[Any, Any]) -> dict[str, Any]:
    """Check every key and value and leave out what is empty. Raises UserError naming the field and what it may be."""
    return {key: checked for key, value in given.items() if (checked := _check_one(key, value)) is not None}


def _check_one(key: Any, value: Any) -> Any:
    criteria = model.load().criteria
    if key == APPROVED:
        return _check_languages(value)
    if key == MUST_HAVE:
        return _check_list(key, value, model.load().must_have) or None
    if key == LANGUAGE:
        return _check_choice(key, value, model.load().languages)
    if key in criteria:
        return _check_choice(key, value, criteria[key].answers)
    if key in naming.KEYS:
        return _check_name(key, value)
    if key == policy.POLICY:  # a service's own answers file keeps the policy it was rendered under
        return _check_policy(value)
    known = [*criteria, MUST_HAVE, APPROVED, LANGUAGE, *naming.KEYS]
    near = get_close_matches(str(key), known, n=1)
    hint = f" Did you mean {near[0]}?" if near else f" Known are {', '.join(known)}."
    raise UserError(f"There is no question called {shown(str(key))}.{hint}")


def _check_choice(key: str, value: Any, allowed: Iterable[str]) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or value not in allowed:
        raise UserError(f"{key} may be {', '.join(allowed)}; got {shown(value)}.")
    return value


def _check_languages(value: object) -> list[str] | None:
    languages = model.load().languages
    if value is None:
        return None
    checked = _check_list(APPROVED, value, languages)
    if not checked:
        raise UserError(f"{APPROVED} excludes every language; approve at least one of {', '.join(languages)}.")
    return checked


def _check_list(key: str, value: object, allowed: Iterable[str]) -> list[str]:
    """Return the entries in the table's order, so that theirs never matters."""
    if value is None or value == "":
        return []
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry in allowed for entry in value):
        raise UserError(f"{key} must be a list of {', '.join(allowed)}; got {shown(value)}.")
    return [entry for entry in allowed if entry in value]


def _check_policy(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        raise UserError(f"{policy.POLICY} must be a mapping as `trivium policy schema` says; got {shown(value)}.")
    return policy.check(value, "in the answers") or None


def _check_name(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UserError(f"{key} must be text; got {shown(value)}.")
    if problem := naming.problem(key, value):
        raise UserError(problem)
    return value


def check_together(answers: Mapping[str, Any]) -> None:
    """Refuse answers that leave no language, and a chosen language that they exclude. Raises UserError."""
    if not answers:
        return
    if nothing_left := templating.render(CONTRADICTION, model=model.load().raw, answers=answers).strip():
        raise UserError(nothing_left)
    chosen = answers.get(LANGUAGE)
    if chosen and (unfit := templating.render(UNFIT, model=model.load().raw, answers=answers, language=chosen).strip()):
        raise UserError(unfit)
