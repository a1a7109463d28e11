"""The detectors are detectors: each fails a test with its fault planted in it, run as all tests here are."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLANTED = """
import asyncio
import time
import warnings

import detectors


async def test_nothing():
    await asyncio.sleep(0)


async def test_a_task_that_goes_on():
    test_a_task_that_goes_on.task = asyncio.create_task(asyncio.sleep(0.1))


async def test_a_blocking_call():
    time.sleep(detectors.HELD_UP_SECONDS * 1.2)


async def test_a_long_computation():
    began = time.thread_time()
    while time.thread_time() - began < detectors.HELD_UP_SECONDS * 1.2:
        pass


async def test_a_busy_machine(monkeypatch):
    began = time.monotonic()
    monkeypatch.setattr(detectors, "waited_by_thread", lambda: {"another": time.monotonic() - began})
    time.sleep(detectors.HELD_UP_SECONDS * 1.2)


async def test_a_file_that_is_not_closed():
    open(__file__)


async def test_a_coroutine_that_nobody_awaits():
    asyncio.sleep(0)


def test_a_warning():
    warnings.warn("old", DeprecationWarning)
"""


def test_every_planted_fault_fails(tmp_path: Path) -> None:
    """And what has none passes."""
    (tmp_path / "test_planted.py").write_text(PLANTED, encoding="utf-8")
    as_here = ("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "conftest", "-p", "no:cacheprovider")
    command = (sys.executable, "-m", "pytest", *as_here, "-rA", "--tb=no", str(tmp_path))
    said = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT).stdout
    verdicts = {line.split()[0] + line.partition("::")[2].split()[0] for line in said.splitlines() if "::" in line}
    faults = ("a_task_that_goes_on", "a_file_that_is_not_closed", "a_coroutine_that_nobody_awaits", "a_warning")
    for name in ("nothing", "a_busy_machine"):
        assert verdicts & {f"PASSEDtest_{name}", f"ERRORtest_{name}"} == {f"PASSEDtest_{name}"}, said
    for fault in (*faults, "a_blocking_call", "a_long_computation"):
        assert verdicts & {f"FAILEDtest_{fault}", f"ERRORtest_{fault}"}, said
