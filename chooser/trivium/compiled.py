"""What was made from the project's own files, kept beside Python's bytecode, so that no second run makes it again.

Parsing the tables and compiling the evaluator would otherwise be most of what a run does before its first line. Each
entry holds a digest of what it was made from; nothing here is ever needed, and all of it may be deleted.
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


def folder() -> Path | None:
    """Return where Python keeps this package's bytecode; None where it is told to keep none."""
    return None if sys.dont_write_bytecode else Path(cache_from_source(__file__)).parent


def made_from(source: Path, make: Callable[[bytes], Any]) -> Any:
    """Return what `make` makes of a file (plain data, as JSON has it), or what it made of the same bytes before."""
    content = source.read_bytes()
    digest = sha256(content).hexdigest()
    kept_in = folder()
    if kept_in is None:
        return make(content)
    entry = kept_in / f"{source.name}.json"
    with suppress(OSError, ValueError, TypeError, LookupError):  # not there yet, or damaged
        kept = json.loads(entry.read_bytes())
        if kept[0] == digest:
            return kept[1]
    value = make(content)
    with suppress(OSError):  # read-only, or full
        own = entry.with_name(f"{entry.name}.{os.getpid()}")  # renamed when whole, whoever else writes it too
        own.write_text(json.dumps([digest, value]), encoding="utf-8")
        own.replace(entry)
    return value
