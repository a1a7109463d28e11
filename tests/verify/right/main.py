"""The command line: --help and --version first, then the configuration, then the service."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import configuration, gates
from .faults import plant, planted
from .log import log

USAGE = "usage: service.py [--fault NAME] [--help | --version | --gate GATE | --migrate]"
HELP = f"{USAGE}\n\nA service; its environment configures it."


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code."""
    words = list(arguments)
    if words[:1] == ["--fault"]:
        plant(words[1])
        words = words[2:]
    match words:
        case ["--help"]:
            return _help()
        case ["--version"]:
            print("" if planted("H4-mute") else "right 1.0")
            return 0
        case ["--gate", name]:
            return gates.run(name)
        case ["--migrate"]:
            return _migrate()
        case []:
            return _serve()
        case _:
            print(f"unknown arguments: {' '.join(words)}", file=sys.stderr)
            return 2


def _help() -> int:
    if planted("H4-needs") and "APP_PORT" not in os.environ:
        return 2
    if planted("H4-litters"):
        Path("settings.cache").touch()
    print(HELP)
    return 0


def _migrate() -> int:
    from . import engines, schema  # only here, as below

    engine = engines.engine_of(configuration.load(os.environ))
    if engine:
        schema.migrate(engine)
    return 0


def _serve() -> int:
    try:
        loaded = configuration.load(os.environ)
    except configuration.RefusedError as refused:
        time.sleep(6 if planted("H1-slow") else 0)
        for mistake in refused.mistakes:
            if planted("G1-refusal"):
                print(mistake, file=sys.stderr)
            else:
                log(mistake, "error")
        return refused.code
    from . import lifecycle  # only here: nothing else needs asyncio

    return lifecycle.run(loaded)
