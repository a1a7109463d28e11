"""Runs the tests layer by layer and prints what each took: `make test` (all) and `make test-fast` (fast).

A layer that fails does not keep the others from running; the exit code is 0 only when all passed.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

FAST = {
    "lint": ["make", "--no-print-directory", "lint"],
    "fast": [str(BIN / "pytest"), "-q", "-n2", "--dist=worksteal", "tests/rendering", "tests/chooser"],
}
# Mostly waiting for time limits to pass, so more runs at once than there are cores.
VERIFY = {"verify": [str(BIN / "pytest"), "-q", "-n4", "--dist=worksteal", "tests/verify"]}
SERVICES = {
    language: [str(BIN / "pytest"), "-v", "--tb=short", "tests/services", f"--language={language}"]
    for language in ("python", "go", "java")
}


def main(which: str) -> int:
    """Run the layers and return the exit code."""
    layers = FAST if which == "fast" else FAST | VERIFY | SERVICES
    results: dict[str, tuple[bool, float]] = {}
    for name, command in layers.items():
        print(f"── {name}", flush=True)
        begun = time.monotonic()
        passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
        results[name] = passed, time.monotonic() - begun
    print("\nlayer      result  seconds")
    for name, (passed, seconds) in results.items():
        print(f"{name:10} {'passed' if passed else 'FAILED':7} {seconds:7.1f}")
    return 0 if all(passed for passed, _ in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
