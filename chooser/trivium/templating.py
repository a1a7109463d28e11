"""The Jinja environment: the same one Copier gives its templates, so that both read the decision model alike."""

from functools import cache
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from . import source


@cache
def environment() -> SandboxedEnvironment:
    """Return Copier's environment: sandboxed, strict about undefined names, with the Ansible filters."""
    return SandboxedEnvironment(
        loader=FileSystemLoader(source.root()),
        undefined=StrictUndefined,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        keep_trailing_newline=True,
        autoescape=False,  # plain text and source code, never a page
    )


def render(template: str, **context: Any) -> str:
    """Render template text, which may import the repository's own macros."""
    return environment().from_string(template).render(**context)
