"""How this program is called again, for the commands it prints."""

import shutil
import sys
from pathlib import Path

NAME = "trivium"


def called() -> str:
    """Return its name where that is on the path, else the place it was started from, as `make new` does."""
    started = Path(sys.argv[0])
    if started.name != NAME or shutil.which(NAME):
        return NAME
    return str(started.absolute())
