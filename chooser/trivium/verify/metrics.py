"""Reading a service's metrics in the Prometheus text format."""

import re
from collections.abc import Iterator

from . import wire
from .service_file import Request
from .trial import FailedError, Running
from .wire import NoAnswerError

LINE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
Sample = tuple[str, dict[str, str], float]


def text(running: Running) -> str:
    """Return the page. Raises FailedError when there is none."""
    answer = wire.attempt(running.probed, Request(path=running.service.get("metrics.path")))
    if isinstance(answer, NoAnswerError) or not answer.ok:
        raise FailedError(f"the metrics page answers {answer}")
    return answer.body.decode(errors="replace")


def samples(running: Running) -> Iterator[Sample]:
    """Yield each sample: its name, its labels, its value."""
    for line in text(running).splitlines():
        if found := LINE.match(line):
            try:
                yield found[1], dict(LABEL.findall(found[2] or "")), float(found[3])
            except ValueError as error:
                raise FailedError(f"the metrics page has this line: {line[:120]!r}") from error


def value(running: Running, name: str) -> float:
    """Return the sum of a metric's samples. Raises FailedError when there is none."""
    found = [sample for own, _, sample in samples(running) if own == name]
    if not found:
        raise FailedError(f"there is no metric {name}")
    return sum(found)
