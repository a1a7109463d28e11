"""What clients were told while they created things, each request under a key of its own, so that it can be repeated."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus

from .database import Database
from .service_file import ServiceFile
from .trial import FailedError, Running, expect
from .wire import Answer, NoAnswerError

Result = Answer | NoAnswerError
TOGETHER = 8  # clients
SETTLES_WITHIN = 20.0  # seconds for one request that is repeated
REFUSED = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.CONFLICT}  # for now


def new_key() -> str:
    """Return a key that nobody has used: a string as structured fields write it."""
    return f'"{uuid.uuid4()}"'


class Ledger:
    """The last answer to each request."""

    def __init__(self, service: ServiceFile) -> None:
        """Be empty. Without idempotency requests have no key, and none is repeated."""
        self._header = service.get("idempotency.header", "")
        self._replayed = service.get("idempotency.replayed", "").lower()
        self._pause = threading.Event()
        self.answers = dict[str, Result]()
        self.others = Counter[str]()  # answers that are neither success nor refusal, nor missing

    def headers(self, key: str) -> Mapping[str, str]:
        """Return what a request with a key sends."""
        return {self._header: key} if self._header else {}

    def send(self, running: Running, key: str = "", seconds: float = 20) -> Result:
        """Create something, and note what came of it."""
        key = key or new_key()
        answer = running.attempt("create", seconds=seconds, headers=self.headers(key))
        self.answers[key] = answer
        if answer.status not in {0, HTTPStatus.CREATED, *REFUSED}:
            self.others[str(answer)] += 1
        return answer

    @contextmanager
    def flowing(self, running: Running, clients: int = TOGETHER, pause: float = 0.01) -> Iterator[list[Result]]:
        """Let clients create one thing after another; yield the list of their answers, which grows."""
        stopped, results = threading.Event(), list[Result]()

        def client() -> None:
            while not stopped.wait(pause):
                results.append(self.send(running))

        threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield results
        finally:
            stopped.set()
            for thread in threads:
                thread.join(30)

    @property
    def acknowledged(self) -> dict[str, Answer]:
        """The requests that were answered with success."""
        return {key: answer for key, answer in self.answers.items() if isinstance(answer, Answer) and answer.ok}

    def settle(self, running: Running) -> None:
        """Repeat what was not acknowledged until it is, where a key makes that safe."""
        if self._header:
            open_ = sorted(self.answers.keys() - self.acknowledged.keys())
            with ThreadPoolExecutor(TOGETHER) as pool:
                list(pool.map(lambda key: self._insist(running, key), open_))

    def _insist(self, running: Running, key: str) -> None:
        end = time.monotonic() + SETTLES_WITHIN
        while not (answer := self.send(running, key)).ok:
            expect(time.monotonic() < end, f"a request repeated for {SETTLES_WITHIN:g} s gets {answer}")
            time.sleep(0.1)

    def replay(self, running: Running, key: str) -> None:
        """Repeat what was acknowledged: the same answer has to come, byte for byte, and to say that it is a replay."""
        first = self.acknowledged[key]
        again = running.attempt("create", headers=self.headers(key))
        if not isinstance(again, Answer) or again.status != first.status:
            raise FailedError(f"repeated with its key, a request that was answered with {first} gets {again}")
        expect(again.body == first.body, "repeated with its key, a request gets another body than the first time")
        for name in ("location", "etag", "content-type"):
            same = again.headers.get(name) == first.headers.get(name)
            expect(same, f"repeated with its key, a request gets another {name} than the first time")
        told = again.headers.get(self._replayed) == "true"
        expect(told, f"a replayed answer has no {self._replayed}: true")

    def check(self, database: Database, query: str) -> str:
        """Compare what was acknowledged with what is stored."""
        stored = Counter(str(row[0]) for row in database.rows(query))
        told = Counter(answer.headers.get("location", "").rpartition("/")[2] for answer in self.acknowledged.values())
        lost = told.keys() - stored.keys()
        expect(not lost, f"{len(lost)} of {len(told)} acknowledged writes are not there")
        shared = [id_ for id_, times in told.items() if times > 1]
        expect(not shared, f"{len(shared)} writes were acknowledged to two requests with keys of their own")
        doubled = stored.total() - len(stored) + (len(stored) - len(told) if self._header else 0)
        expect(not doubled, f"{doubled} of {stored.total()} stored writes are doubled: {len(told)} requests made them")
        return f"{len(told)} acknowledged, all there, none twice"
