"""Shell completion: `trivium --print-completion SHELL` prints a script made from the command's own words."""

import argparse
from collections.abc import Iterator

import shtab

from . import presets
from .cli import Parser

BY_METAVAR = {"FILE": shtab.FILE, "FILE|URL": shtab.FILE, "DEST": shtab.DIRECTORY, "DIR": shtab.DIRECTORY}


def script(parser: Parser, shell: str) -> str:
    """Return the script for a shell; it completes words, options, presets, files and folders."""
    for action in _actions(parser):
        if action.dest == "preset":
            action.choices = list(presets.load())
        elif action.metavar in BY_METAVAR:
            vars(action)["complete"] = BY_METAVAR[action.metavar]
    return shtab.complete(parser, shell)


def _actions(parser: Parser) -> Iterator[argparse.Action]:
    """Yield the actions of a parser and of its subcommands."""
    for action in parser.arguments:
        if isinstance(action.choices, dict):
            for subcommand in action.choices.values():
                yield from _actions(subcommand)
        else:
            yield action
