"""The Jinja environment: set up as Copier sets up its own, so that both read the decision model alike."""

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from . import compiled, source

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from jinja2.bccache import BytecodeCache


@cache
def environment() -> "Environment":
    """Return an environment like Copier's: strict about undefined names, with the Ansible filters.

    Copier's is sandboxed as well, against foreign templates. These are this repository's own, and the sandbox would
    look twice at every name.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # not for the first prompt

    return Environment(
        loader=FileSystemLoader(source.root()),
        undefined=StrictUndefined,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        keep_trailing_newline=True,
        autoescape=select_autoescape((), default_for_string=False),  # plain text and source code, never a page
        bytecode_cache=_bytecode_cache(),
    )


def render(template: str, **context: Any) -> str:
    """Render template text, which may import the repository's own macros."""
    return _template(template).render(**context)


@cache
def _template(text: str) -> "Template":
    return environment().from_string(text)


def _bytecode_cache() -> "BytecodeCache | None":
    from jinja2 import FileSystemBytecodeCache
    from jinja2.bccache import Bucket

    class Cache(FileSystemBytecodeCache):
        def dump_bytecode(self, bucket: Bucket) -> None:
            with suppress(OSError):  # read-only, or full
                super().dump_bytecode(bucket)

    folder = compiled.folder()
    return Cache(str(folder), "%s.jinja") if folder else None
