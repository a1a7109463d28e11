"""The Jinja environment: set up as Copier sets up its own, so that both read the decision model alike."""

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from . import source


@cache
def environment() -> Environment:
    """Return an environment like Copier's: strict about undefined names, with the Ansible filters.

    Copier's is sandboxed as well, against foreign templates; these are this repository's own, and the sandbox would
    double the time that an evaluation takes.
    """
    return Environment(
        loader=FileSystemLoader(source.root()),
        undefined=StrictUndefined,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        keep_trailing_newline=True,
        autoescape=select_autoescape(()),  # plain text and source code, never a page
    )


def render(template: str, **context: Any) -> str:
    """Render template text, which may import the repository's own macros."""
    return environment().from_string(template).render(**context)
