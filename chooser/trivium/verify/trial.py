"""What a check has in its hands: the service file, ways to start the service, its upstream, the machine's measure."""

import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM, Signals
from types import MappingProxyType
from typing import Any, Self

from trivium.errors import UserError

from . import ports, process, wire
from .database import Database
from .server import Databases
from .service_file import SETTINGS, Request, ServiceFile
from .upstream import Upstream
from .wire import Answer, NoAnswerError

START_SECONDS = 60.0
KEPT_FOR_AN_ERROR = 3  # lines of output in a sentence
SAMPLES = 40
ANSWERS_WITHIN = 5.0  # seconds
NOTHING: Mapping[str, Any] = MappingProxyType({})


class FailedError(Exception):
    """A check that does not hold: what was seen instead."""


class LateError(FailedError):
    """A time limit that was missed. The machine may have been busy for a moment, so the check is made once more."""


class NotApplicableError(Exception):
    """A check that cannot be made here: why."""


def expect(holds: object, seen: str) -> None:
    """Fail the check, with what was seen, unless something holds."""
    if not holds:
        raise FailedError(seen)


def expect_in_time(holds: object, seen: str) -> None:
    """Fail the check, with what was seen, unless a time limit holds; it fails for good at the second attempt."""
    if not holds:
        raise LateError(seen)


def told(answer: Answer, what: str) -> dict[str, Any]:
    """Return the JSON object of an answer; fail the check when it is none."""
    value = wire.json_object(answer.body)
    if value is None:
        raise FailedError(f"{what} is answered with {answer}, and what comes is no JSON object")
    return value


@dataclass
class Running:
    """The service while it runs."""

    service: ServiceFile
    process: process.Process
    public: int
    admin: int
    database: Database
    slack: float = 0.05
    """Seconds that a busy machine may add to a time limit; see `measure`."""

    def ask(
        self, name: str, *, seconds: float = 10, lasting: float = 0, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one of the service file's requests. Raises NoAnswerError."""
        return wire.ask(self.public, self.service.request(name).lasting(lasting), seconds=seconds, headers=headers)

    def attempt(
        self, name: str, *, seconds: float = 10, lasting: float = 0, headers: Mapping[str, str] | None = None
    ) -> Answer | NoAnswerError:
        """Send one of the service file's requests; return the answer, or why there is none."""
        return wire.attempt(self.public, self.service.request(name).lasting(lasting), seconds=seconds, headers=headers)

    @property
    def probed(self) -> int:
        """The port that answers probes."""
        return self.admin if self.service.get("probes.listener") == "admin" else self.public

    def probe_all(self) -> list[Answer | NoAnswerError]:
        """Ask for liveness and readiness, as far as the service file names them."""
        return [self.probe(name, seconds=3) for name in ("live", "ready") if self.service.get(f"probes.{name}")]

    def probe(self, name: str, *, seconds: float = 5) -> Answer | NoAnswerError:
        """Ask for liveness (`live`) or readiness (`ready`)."""
        return wire.attempt(self.probed, Request(path=self.service.get(f"probes.{name}")), seconds=seconds)

    def measure(self) -> None:
        """Measure what a round trip costs now, for the slack that time limits get from here on.

        Raises UserError when there is no answer at all.
        """
        request = Request(path=self.service.get("probes.live") or self.service.get("probes.ready") or "/")
        taken = sorted(self._round_trip(request) for _ in range(SAMPLES))
        self.slack = max(0.05, 3 * taken[-2], 10 * statistics.median(taken))

    def _round_trip(self, request: Request) -> float:
        answer = wire.attempt(self.probed, request, seconds=ANSWERS_WITHIN)
        if isinstance(answer, NoAnswerError) and answer.seconds >= ANSWERS_WITHIN:
            raise UserError(
                f"{self.service.name} accepts connections and answers nothing: {request.path} was asked for, and after "
                f"{ANSWERS_WITHIN:g} s nothing had come."
            )
        return answer.seconds

    def stop(self, number: Signals = SIGTERM, seconds: float = 60) -> int | None:
        """Signal it and return its exit code, None when it has not ended in time."""
        self.process.send(number)
        return self.process.wait(seconds)


@dataclass
class Trial:
    """One run of the suite over one service."""

    service: ServiceFile
    databases: Databases = field(init=False)
    upstream: Upstream = field(init=False)
    others: list[Upstream] = field(init=False)
    """Two more, for requests that ask several at once."""
    _shared: Running | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        """Open the upstream. Raises UserError."""
        self.databases = Databases(self.service)
        body = self.service.get("upstream.body", "{}")
        self.upstream, *self.others = [Upstream(body) for _ in range(3)]

    def close(self) -> None:
        """End what is shared, close the upstreams, and end the database server."""
        self.end_shared()
        for upstream in self.upstreams:
            upstream.close()
        self.databases.close()

    @property
    def upstreams(self) -> list[Upstream]:
        """All three."""
        return [self.upstream, *self.others]

    def shared(self) -> Running:
        """Return a running service that checks which only ask and never stop it have in common. Raises UserError."""
        if self._shared is None or not self._shared.process.running:
            self.end_shared()
            self._shared = self._open.enter_context(self.running())
        self.reset_upstreams()
        return self._shared

    def end_shared(self) -> None:
        """End the shared service, if there is one."""
        self._shared = None
        self._open.close()

    def reset_upstreams(self) -> None:
        """Make all upstreams fast and healthy, with nothing remembered."""
        for upstream in self.upstreams:
            upstream.reset()

    def slow(self, running: "Running", lasting: float, *, seconds: float = 60) -> "InBackground":
        """Start the slow request, which takes `lasting` seconds, beside the check."""
        self.delay("slow", lasting)
        return InBackground(lambda: running.attempt("slow", seconds=seconds, lasting=lasting))

    def delay(self, name: str, seconds: float) -> None:
        """Make a request take so long, where its upstream decides that."""
        if self.service.request(name).delayed_by_upstream:
            self.upstream.delay = seconds

    def setting(self, name: str) -> float | None:
        """Return what the service file says of a setting."""
        value = self.service.get(f"settings.{name}")
        return None if value is None else float(value)

    @property
    def start_seconds(self) -> float:
        """How long a start, or what comes before it, may take."""
        return float(self.service.get("start_seconds", START_SECONDS))

    def environment(self, places: Mapping[str, Any], extra: Mapping[str, Any] = NOTHING) -> dict[str, str]:
        """Return the environment of a process: PATH, HOME and what the service file and the check add.

        What the check adds as None is left out.
        """
        base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        own = {name: str(value).format(**places) for name, value in self.service.get("environment", {}).items()}
        whole = base | own | {name: _known(str(value), places) for name, value in extra.items()}
        return {name: value for name, value in whole.items() if extra.get(name, value) is not None}

    @contextmanager
    def places(self, settings: Mapping[str, float] = NOTHING) -> Iterator[dict[str, Any]]:
        """Yield what fills the placeholders of the service file; its scratch folder goes away afterwards."""
        scratch = Path(tempfile.mkdtemp(prefix="trivium-verify-"))
        fixed = self.service.get("ports", {})
        values = {**self.service.get("settings", {}), **settings}
        try:
            with ports.reserved() as public, ports.reserved() as admin:
                yield {
                    **{name: f"{float(value):g}" for name, value in values.items() if name in SETTINGS},
                    "port": fixed.get("public") or public,
                    "admin_port": fixed.get("admin") or admin,
                    "scratch": scratch,
                    "folder": self.service.folder,
                    "upstream": self.upstream.url,
                    "upstream_2": self.others[0].url,
                    "upstream_3": self.others[1].url,
                    **self.databases.places(scratch),
                }
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    @contextmanager
    def launched(
        self,
        settings: Mapping[str, float] = NOTHING,
        environment: Mapping[str, Any] = NOTHING,
        *,
        prefix: tuple[str, ...] = (),
        prepared: bool = True,
    ) -> Iterator[Running]:
        """Start the service and hand it over at once, ready or not; nothing of it is left afterwards."""
        self.reset_upstreams()
        with self.places(settings) as places:
            self._check_ports(places)
            if prepared:
                self.before(self.environment(places, environment), places)
            with self.started(places, environment, prefix=prefix) as running:
                yield running

    @contextmanager
    def started(
        self, places: Mapping[str, Any], environment: Mapping[str, Any] = NOTHING, *, prefix: tuple[str, ...] = ()
    ) -> Iterator[Running]:
        """Start the service where it has its place already, a second time perhaps, and hand it over at once."""
        command = [*prefix, *filled(self.service.command, places)]
        own = self.environment(places, environment)
        with process.Process(command, self.service.folder, own) as own_process:
            ends = int(places["port"]), int(places["admin_port"])
            yield Running(self.service, own_process, *ends, self.databases.of(places))

    @contextmanager
    def prepared(self, settings: Mapping[str, float] = NOTHING) -> Iterator[dict[str, Any]]:
        """Yield what a start needs, with the database migrated. Raises UserError."""
        with self.places(settings) as places:
            self.before(self.environment(places), places)
            yield places

    @contextmanager
    def ready(self, places: Mapping[str, Any]) -> Iterator[Running]:
        """Start the service where it has its place already, and wait until it is ready. Raises UserError."""
        with self.started(places) as running:
            self.await_ready(running)
            running.measure()
            yield running

    @contextmanager
    def running(
        self,
        settings: Mapping[str, float] = NOTHING,
        environment: Mapping[str, Any] = NOTHING,
        *,
        prefix: tuple[str, ...] = (),
    ) -> Iterator[Running]:
        """Start the service, wait until it is ready, and measure the machine. Raises UserError."""
        for setting in settings:
            if not self.service.adjustable(setting):
                raise NotApplicableError(f"the service file has no place for {{{setting}}}")
        with self.launched(settings, environment, prefix=prefix) as running:
            self.await_ready(running)
            running.measure()
            if not running.process.running:
                raise UserError(self._ended_early(running))
            yield running

    def await_ready(self, running: Running) -> None:
        """Wait for readiness, or for the port where there is no probe. Raises UserError."""
        begun = time.monotonic()
        while not self._is_ready(running):
            if not running.process.running:
                raise UserError(self._ended_early(running))
            if time.monotonic() > begun + self.start_seconds:
                raise UserError(f"{self.service.name} was not ready within {self.start_seconds:g} s{_quoted(running)}.")
            time.sleep(0.02)

    def _is_ready(self, running: Running) -> bool:
        if self.service.get("probes.ready"):
            return running.probe("ready").ok and wire.accepts(running.public)
        return wire.accepts(running.public)

    def _ended_early(self, running: Running) -> str:
        code = running.process.wait(0)
        if running.process.left_behind():
            return (
                f"{self.service.name}'s command ended with {code} and left processes behind: it forks away. "
                "Name the command that stays in the foreground."
            )
        return f"{self.service.name} ended with {code} before it was ready{_quoted(running)}."

    def before(self, environment: Mapping[str, str], places: Mapping[str, Any]) -> None:
        """Make the database, and run what has to be done before a start, such as a migration. Raises UserError."""
        self.databases.create(places)
        for words in filter(None, map(self.service.get, ("database.migrate", "before"))):
            code, output, _ = process.run(filled(words, places), self.service.folder, environment, self.start_seconds)
            if code != 0:
                raise UserError(f"{' '.join(words)} ended with {code}: {' '.join(output[-KEPT_FOR_AN_ERROR:])}")

    def migrate(self, places: Mapping[str, Any]) -> tuple[int | None, str]:
        """Run the migration alone; return its exit code (None: not in time) and its last words."""
        words = filled(self.service.get("database.migrate"), places)
        code, said, _ = process.run(words, self.service.folder, self.environment(places), self.start_seconds)
        return code, " ".join(said[-KEPT_FOR_AN_ERROR:])

    def _check_ports(self, places: Mapping[str, Any]) -> None:
        for name in ("port", "admin_port"):
            if wire.accepts(int(places[name])):
                raise UserError(
                    f"Port {places[name]} is in use by another process; stop that one, or let the service file take "
                    f"{{{name}}} instead of a fixed port."
                )


def filled(words: Iterable[str], places: Mapping[str, Any]) -> list[str]:
    """Return a command with its placeholders filled in."""
    return [word.format(**places) for word in words]


def _known(text: str, places: Mapping[str, Any]) -> str:
    """Fill in the placeholders that there are, and leave any other brace alone."""
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _quoted(running: Running) -> str:
    said = [line.strip()[:300] for line in running.process.output() if line.strip()][-KEPT_FOR_AN_ERROR:]
    return f"; it said: {' | '.join(said)}" if said else "; it said nothing"


class InBackground:
    """A call that runs beside the check."""

    def __init__(self, call: Callable[[], Any]) -> None:
        """Start it."""
        self._value: Any = None
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], Any]) -> None:
        self._value = call()

    @property
    def done(self) -> bool:
        """Whether it has returned."""
        return not self._thread.is_alive()

    def result(self, seconds: float) -> Any:
        """Return what it returned; None when it has not yet."""
        self._thread.join(seconds)
        return self._value

    @classmethod
    def several(cls, count: int, call: Callable[[], Any]) -> list[Self]:
        """Start it several times."""
        return [cls(call) for _ in range(count)]


class Repeatedly:
    """A look at something, taken again and again beside the check."""

    def __init__(self, look: Callable[[], Any], every: float) -> None:
        """Start looking, with so many seconds between two looks."""
        self._stopped = threading.Event()
        self._looking = InBackground(lambda: self._look(look, every))

    def _look(self, look: Callable[[], Any], every: float) -> list[Any]:
        seen = [look()]
        while not self._stopped.wait(every):
            seen.append(look())
        return [*seen, look()]

    def stop(self) -> list[Any]:
        """Return what was seen, a last look included."""
        self._stopped.set()
        return list(self._looking.result(10) or [])
