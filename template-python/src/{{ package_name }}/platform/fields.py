"""Header fields that are lists: what a caller accepts, what it prefers, and which state of a resource it knows."""

import re
from collections.abc import Iterator
from typing import Final, NewType

from starlette.datastructures import Headers

ETag = NewType("ETag", str)
"""A strong entity tag with its quotation marks, as it stands in a header (RFC 9110, section 8.8.3)."""

# What is possessive (`*+`) never goes back, so that no header takes longer than its length.
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_VALUE: Final = rf'(?:{_WORD}|"(?:[^"\\]|\\.)*+")'
_PARAMETERS: Final = rf"(?P<parameters>(?:[ \t]*+;[ \t]*+(?:{_WORD}(?:[ \t]*+=[ \t]*+{_VALUE})?+)?+)*+)"
_MEDIA_RANGE: Final = re.compile(rf"(?P<type>{_WORD}/{_WORD}){_PARAMETERS}")
_PREFERENCE: Final = re.compile(rf"(?P<name>{_WORD})(?:[ \t]*+=[ \t]*+(?P<value>{_VALUE}))?+{_PARAMETERS}")
_ENTITY_TAG: Final = re.compile(r'(?P<weak>W/)?+(?P<tag>"[\x21\x23-\x7e\x80-\xff]*+")')
_BETWEEN: Final = re.compile(r"[ \t]*+(,[ \t,]*+|$)")
_BEFORE: Final = re.compile(r"[ \t,]*+")
_NO_WEIGHT: Final = re.compile(r";[ \t]*+q[ \t]*+=[ \t]*+0(?:\.0{0,3}+)?+[ \t]*+(?:;|$)", re.IGNORECASE)


def accepts_json(headers: Headers) -> bool:
    """Tell whether `Accept` admits application/json; one that is absent, empty or malformed admits anything."""
    try:
        ranges = list(_members(headers, "accept", _MEDIA_RANGE))
    except ValueError:
        return True
    admitting = [one for one in ranges if one["type"].lower() in {"*/*", "application/*", "application/json"}]
    return not ranges or any(not _NO_WEIGHT.search(one["parameters"]) for one in admitting)


def prefers(headers: Headers, preference: str) -> bool:
    """Tell whether `Prefer` names a preference that has no value (RFC 7240); a malformed field prefers nothing."""
    try:
        given = list(_members(headers, "prefer", _PREFERENCE))
    except ValueError:
        return False
    return any(one["name"].lower() == preference and one["value"] in {None, '""'} for one in given)


def matches(headers: Headers, current: ETag) -> bool:
    """Tell whether `If-Match` names the current state: only a strong tag does, or `*`; a malformed field never."""
    return _names(headers, "if-match", current, weak_counts=False)


def none_match_fails(headers: Headers, current: ETag) -> bool:
    """Tell whether the caller has the current state, as `If-None-Match` says; there a weak tag counts, too."""
    return _names(headers, "if-none-match", current, weak_counts=True)


def _names(headers: Headers, name: str, current: ETag, *, weak_counts: bool) -> bool:
    if [line.strip() for line in headers.getlist(name)] == ["*"]:
        return True
    try:
        tags = list(_members(headers, name, _ENTITY_TAG))
    except ValueError:
        return False
    return any(one["tag"] == current and (weak_counts or not one["weak"]) for one in tags)


def _members(headers: Headers, name: str, form: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Return the members of a list, of however many lines. Raises ValueError where one has another form."""
    text = ", ".join(headers.getlist(name))
    at = _end(_BEFORE.match(text))
    while at < len(text):
        member = form.match(text, at)
        at = _end(_BETWEEN.match(text, _end(member)))
        if member:
            yield member


def _end(match: re.Match[str] | None) -> int:
    if match is None:
        raise ValueError("is not such a list")
    return match.end()
