"""However the suite ends, nothing that it started goes on."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from trivium.verify import process
from verify import odd
from verify.suite import MARK, Suite, right, script


def under_way(suite: Suite, database: str = "") -> subprocess.Popen[str]:
    """Start the suite over the right service and wait until that runs."""
    started = suite.start("--service", suite.describe(right(database=database)), "--only", "A1")
    end = time.monotonic() + 20
    while not any("service.py" in line for line in suite.alive()):
        assert time.monotonic() < end, "it never started"
        time.sleep(0.05)
    return started


def gone(suite: Suite) -> bool:
    """Whether everything is gone within two seconds: the guards outlive the suite for as long as they kill."""
    end = time.monotonic() + 2
    while (left := suite.alive()) and time.monotonic() < end:
        time.sleep(0.05)
    return not left


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("later", [0, 0.5, 3])
def test_a_signal_in_the_middle(suite: Suite, number: signal.Signals, later: float) -> None:
    started = under_way(suite)
    time.sleep(later)
    started.send_signal(number)
    told = time.monotonic()
    _, complained = started.communicate(timeout=30)
    assert time.monotonic() - told < 5
    assert started.returncode == 2
    assert complained == "trivium: interrupted; every process it had started was ended.\n"
    assert gone(suite)
    assert suite.leftovers() == []


def test_a_signal_while_a_database_server_runs(suite: Suite) -> None:
    started = under_way(suite, "postgres")
    started.send_signal(signal.SIGTERM)
    _, complained = started.communicate(timeout=30)
    assert complained == "trivium: interrupted; every process it had started was ended.\n"
    assert gone(suite)
    assert suite.leftovers() == []


@pytest.mark.parametrize("database", ["", "postgres"])
def test_the_suite_is_killed(suite: Suite, database: str) -> None:
    started = under_way(suite, database)
    time.sleep(1)
    started.kill()
    started.communicate(timeout=5)
    assert gone(suite)


def test_a_daemon_of_the_service_is_killed_too(suite: Suite) -> None:
    done = suite.run("--service", suite.describe(script(odd.LEAVES_DAEMONS)), "--only", "H4")
    assert done.returncode == 0, done.stderr
    assert suite.alive() == []


def test_an_interrupt_between_the_start_and_the_first_report(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        process.Process([sys.executable, "-S", "-c", odd.NEVER_LISTENS], suite.folder, {MARK: suite.mark})
    assert gone(suite)
