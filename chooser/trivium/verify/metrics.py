"""Reading a service's metrics in the Prometheus text format."""

from collections.abc import Iterator

from trivium import exposition
from trivium.exposition import Sample

from . import wire
from .service_file import Request
from .trial import FailedError, Running
from .wire import NoAnswerError


def text(running: Running) -> str:
    """Return the page. Raises FailedError when there is none."""
    answer = wire.attempt(running.probed, Request(path=running.service.get("metrics.path")))
    if isinstance(answer, NoAnswerError) or not answer.ok:
        raise FailedError(f"the metrics page answers {answer}")
    return answer.body.decode(errors="replace")


def samples(running: Running) -> Iterator[Sample]:
    """Yield each sample: its name, its labels, its value."""
    try:
        yield from exposition.samples(text(running))
    except ValueError as error:
        raise FailedError(f"the metrics page has {error}") from error


def value(running: Running, name: str) -> float:
    """Return the sum of a metric's samples. Raises FailedError when there is none."""
    found = [sample for own, _, sample in samples(running) if own == name]
    if not found:
        raise FailedError(f"there is no metric {name}")
    return sum(found)
