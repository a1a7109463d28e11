"""Starts the right service: `python service.py [--fault NAME] [--help | --version]`; the environment configures it."""

import sys
from pathlib import Path


def main() -> int:
    """Put the folder of the tests where this file's own was, and run."""
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from verify.right.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
