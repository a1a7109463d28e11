"""Runs the tests layer by layer and prints what each took: `make test` (all), `make test-fast`, `make test-slow`.

A layer that fails does not keep the others from running; the exit code is 0 only when all passed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

QUICK = ("tests/rendering", "tests/chooser", "tests/benchmarks")
FAST = {
    "lint": ["make", "--no-print-directory", "lint"],
    "fast": [str(BIN / "pytest"), "-q", "-n2", "--dist=worksteal", *QUICK],
}
# What drives real processes against time limits is asked once more when it fails, and the summary says so (RERUN): a
# machine that stood still for a moment is no fault of a service, and a fault shows again.
TWICE = ["--reruns", "1", "-rR"]
# Mostly waiting for time limits to pass, so more runs at once than there are cores.
VERIFY = {"verify": [str(BIN / "pytest"), "-q", "-n4", "--dist=worksteal", *TWICE, "tests/verify"]}
CONTRACT = {"contract": [str(BIN / "pytest"), "-q", "tests/contract"]}
# Two at once: those that share one service, and those that build others and wait for compilers (services/running.py).
SERVICE = [str(BIN / "pytest"), "-v", "--tb=short"]
SERVICES = {
    language: [*SERVICE, "-n2", "--dist=loadgroup", *TWICE, "tests/services", f"--language={language}"]
    for language in ("python", "go", "java")
}
# What takes too long for every change: the other layers skip what asks for TRIVIUM_SLOW.
SLOW = {
    "faults": [str(BIN / "pytest"), "-q", "-n2", "--dist=worksteal", "tests/verify/test_checks.py"],
    "alerts": [str(BIN / "pytest"), "-q", "tests/rendering/test_alerts.py"],
    # Beside the minimal handlers in the same run; a busy machine is refused.
    "regression": ["make", "--no-print-directory", "bench-data", "ROLES=minimal,ours", "ROUNDS=5"],
} | {
    f"{subject} {language}": [*SERVICE, f"tests/services/test_{subject}.py", f"--language={language}"]
    for subject in ("fuzz", "collector", "add_an_operation", "crashes")
    for language in SERVICES
}
LAYERS = {"fast": FAST, "all": FAST | VERIFY | CONTRACT | SERVICES, "slow": SLOW}


def main(which: str, only: str = "") -> int:
    """Run the layers whose name begins with `only`, and return the exit code."""
    layers = {name: command for name, command in LAYERS[which].items() if name.startswith(only)}
    if not layers:
        print(f"there is no layer {only}; choose from {', '.join(LAYERS[which])}", file=sys.stderr)
        return 2
    environment = {**os.environ, "TRIVIUM_SLOW": "1"} if which == "slow" else None
    results: dict[str, tuple[bool, float]] = {}
    for name, command in layers.items():
        print(f"── {name}", flush=True)
        begun = time.monotonic()
        passed = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0
        results[name] = passed, time.monotonic() - begun
    print("\nlayer            result  seconds")
    for name, (passed, seconds) in results.items():
        print(f"{name:16} {'passed' if passed else 'FAILED':7} {seconds:7.1f}")
    return 0 if all(passed for passed, _ in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
