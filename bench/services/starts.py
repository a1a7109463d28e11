"""How long a service takes until it is ready, how long to build it, and what of it is laid on a machine."""

import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.data.build import BIN, Program, java_home
from bench.peers.fetch import UnavailableError, run

LONGEST = 60.0  # seconds
CONTAINER = "512 MB"
IN_CONTAINER = ("-XX:MaxRAM=512m", "-XX:+UseSerialGC")  # what the JVM sees and takes by itself in one of that size
# What is laid on a machine that has the language's runtime (Python, a JDK) already; Go needs none.
ARTEFACTS = {"go": ["bin"], "java": ["target/app"]}  # of Python the environment without what is for development
MADE = {"python": [], "go": ["bin"], "java": ["target"]}  # from the sources alone; dependencies are there already


def of_java(program: Program, options: Sequence[str] = ()) -> Program:
    """Return how Java starts in a container, with more options of the JVM, of which the last one counts."""
    java = f"{java_home()}/bin/java"
    words = [java, "@jvm.options", *IN_CONTAINER, *options, "-jar", "app.jar"]
    return Program(program.folder / "target" / "app", words, [*words, "migrate"], program.variables)


def with_cache(program: Program) -> Program:
    """Make Java's cache of classes as its image does; return how Java starts from it. Raises UnavailableError."""
    java, *words = program.command
    run(["sh", program.folder.parents[1] / "scripts" / "aot-cache.sh", java], program.folder)
    return replace(program, command=[java, "-XX:AOTCache=app.aot", *words])


def seconds_to_ready(program: Program, variables: Mapping[str, str], port: int) -> float:
    """Start it, wait until it says that it is ready, end it. Raises UnavailableError."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        program.command, cwd=program.folder, env=dict(variables), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        while not _ready(port):
            if time.perf_counter() - begun > LONGEST or process.poll() is not None:
                raise UnavailableError("not started", f"{program.folder.parent.name} does not get ready.")
            time.sleep(0.005)
        return time.perf_counter() - begun
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LONGEST)


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def built(language: str, folder: Path) -> tuple[float, float]:
    """Build it as for production, dependencies being there and the compiler's cache empty; return seconds and bytes.

    Raises UnavailableError.
    """
    for made in MADE[language]:
        shutil.rmtree(folder / made, ignore_errors=True)
    with tempfile.TemporaryDirectory() as empty:
        environment = Path(empty) / "environment"
        begun = time.perf_counter()
        if language == "python":
            python = str(folder / ".venv" / "bin" / "python")
            uv: list[str | Path] = [BIN / "uv", "sync", "--quiet", "--offline", "--frozen", "--python", python]
            run([*uv, "--no-default-groups", "--no-editable"], folder, UV_PROJECT_ENVIRONMENT=str(environment))
        else:
            run(["make", "--no-print-directory", "build"], folder, GOCACHE=f"{empty}/cache")
        seconds = time.perf_counter() - begun
        if language == "python":
            return seconds, _bytes_below([environment / "lib"])
        return seconds, _bytes_below([path for pattern in ARTEFACTS[language] for path in folder.glob(pattern)])


def _bytes_below(parts: Iterable[Path]) -> float:
    files = [file for part in parts for file in (part.rglob("*") if part.is_dir() else [part])]
    return float(sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink()))


def cores() -> int:
    """Return how many cores there are, which is how many CPU workers a service starts."""
    return len(os.sched_getaffinity(0))
