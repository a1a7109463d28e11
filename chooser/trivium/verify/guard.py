"""The guard of one service process: nothing that it started outlives it, and it does not outlive the suite.

Run as `python guard.py REPORT COMMAND…`: its standard input is a pipe that the suite holds open; on file descriptor
REPORT it writes `started PID`, `failed TEXT`, `ended CODE`. Its standard output is the service's too, and has LAST
after all that the service said. When the pipe closes, for whatever reason, it kills every descendant. Orphans come to
it, not to process 1, since it is their subreaper (Linux).
"""

import ctypes
import os
import resource
import signal
import sys
import threading
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LARGEST_FILE = 1_000_000_000  # bytes; whoever writes more would fill the disk
LAST = b"\0the service has ended\0\n"
OURS = (signal.SIGINT, signal.SIGTERM)  # Ctrl-C reaches the whole terminal; the suite decides what it means


def main() -> None:
    """Start, report, wait for the pipe to close, kill."""
    report = int(sys.argv[1])
    for number in OURS:
        signal.signal(number, signal.SIG_IGN)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    child, failure = _start(sys.argv[2:])
    _tell(report, f"failed {failure}\n".encode() if failure else f"started {child}\n".encode())
    threading.Thread(target=_reap, args=(child, report), daemon=True).start()
    sys.stdin.buffer.read()  # until the suite closes it, or is gone
    while found := descendants(os.getpid()):
        for pid in found:
            _kill(pid)


def _start(command: list[str]) -> tuple[int, str]:
    """Return the process and, where the command cannot be run, why."""
    told, tell = os.pipe()  # closed by a successful exec
    child = os.fork()
    if child == 0:
        try:
            _become(command)
        except OSError as error:
            os.write(tell, (error.strerror or "unknown").encode())
        os._exit(127)
    os.close(tell)
    with os.fdopen(told) as reader:
        return child, reader.read()


def _become(command: list[str]) -> None:
    os.setsid()
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # should the guard itself be killed
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    for number in OURS:
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.execvp(command[0], command)


def _reap(child: int, report: int) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return
        if pid == child:
            _tell(sys.stdout.fileno(), LAST)
            _tell(report, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _tell(descriptor: int, text: bytes) -> None:
    try:
        os.write(descriptor, text)
    except OSError:
        return  # nobody listens any more


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def descendants(pid: int) -> list[int]:
    """Return the living descendants of a process (Linux; elsewhere none)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = entry.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(entry.parent.name)] = int(parent)
    found: list[int] = []
    new = [pid]
    while new:
        new = [child for child, parent in parents.items() if parent in new]
        found += new
    return found


if __name__ == "__main__":
    main()
