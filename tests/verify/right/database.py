"""The database as requests use it: a bounded pool, transactions that are tried again, errors to answer by."""

import asyncio
import os
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from .configuration import Configuration
from .engines import Engine, Meaning, Rows, patience
from .faults import planted

ATTEMPTS = 3
WITHOUT_END = 50
T = TypeVar("T")


class BusyError(Exception):
    """It takes too long to get at the data."""


class AwayError(Exception):
    """There is no database."""


class UnknownError(Exception):
    """It is unknown what became of a transaction, so nothing is tried again."""


class BrokenError(Exception):
    """The database refuses what it is asked."""


class Session:
    """A connection within a transaction."""

    def __init__(self, engine: Engine, connection: Any) -> None:
        """Keep both."""
        self._engine, self._connection = engine, connection

    def execute(self, statement: str, *values: Any) -> Rows:
        """Execute a statement."""
        return self._engine.execute(self._connection, statement, values)

    def part(self) -> None:
        """Commit what was done so far, as nobody should."""
        self.execute("COMMIT")
        self.execute(self._engine.begin)


class Database:
    """The pool."""

    def __init__(self, engine: Engine, configuration: Configuration) -> None:
        """Connect when there is something to do."""
        self.engine = engine
        self._size = configuration["DATABASE_POOL_SIZE"]
        self._patience = None if planted("F3-patient") else patience(configuration)
        self._threads = ThreadPoolExecutor(self._size, thread_name_prefix="database")
        self._free = asyncio.Semaphore(self._size)
        self._idle = list[Any]()
        self._lock = threading.Lock()
        self.retries = 0
        self.away = False

    async def transact(self, work: Callable[[Session], T]) -> T:
        """Do something in one transaction. Raises the errors above, and what the work raises."""
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError as error:
            raise BusyError from error
        job = asyncio.get_running_loop().run_in_executor(self._threads, self._whole, work)
        job.add_done_callback(self._release)
        return await asyncio.shield(job)

    def _release(self, job: "asyncio.Future[Any]") -> None:
        self._free.release()
        if not job.cancelled():
            job.exception()  # whoever waited for it may have gone

    def _whole(self, work: Callable[[Session], T]) -> T:
        """Do it, again where that helps."""
        for attempt in range(1 if planted("F5-once") else WITHOUT_END if planted("F5-endless") else ATTEMPTS):
            try:
                done = self._on_a_good_connection(work)
            except self.engine.errors as error:
                meaning = self.engine.meaning(error)
                if meaning is Meaning.FAILED:
                    raise BrokenError from error
                if meaning is not Meaning.COLLISION:
                    raise BusyError from error
                self.retries += not planted("F5-uncounted")
                time.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 2)))
            else:
                self.away = False
                return done
        raise BusyError

    def _on_a_good_connection(self, work: Callable[[Session], T]) -> T:
        """Do it; where the connection turns out to be gone, all are forgotten, and it is done on a new one."""
        with self._lock:
            known = self._idle.pop() if self._idle else None
        if known is not None:
            try:
                return self._once(known, work)
            except AwayError:
                if planted("F6-stale"):
                    self._idle.append(known)
                if planted("F6-stale") or planted("F6-500"):
                    raise
                with self._lock:
                    self._idle.clear()
        try:
            fresh = self.engine.connect()
        except self.engine.errors as error:
            if self.engine.meaning(error) is Meaning.BUSY:
                raise
            self._gone()
            raise AwayError from error
        return self._once(fresh, work)

    def _gone(self) -> None:
        if planted("F9-exits"):
            os._exit(1)
        if planted("F9-hangs"):
            time.sleep(30)
        self.away = True

    def _once(self, connection: Any, work: Callable[[Session], T]) -> T:
        session = Session(self.engine, connection)
        try:
            session.execute(self.engine.begin)
            done = work(session)
        except self.engine.errors as error:
            if self.engine.meaning(error) is Meaning.AWAY:
                raise AwayError from error
            self._back(connection)
            raise
        except Exception:
            self._back(connection)
            raise
        try:
            session.execute("COMMIT")
        except self.engine.errors as error:
            if self.engine.meaning(error) is not Meaning.COLLISION:
                raise UnknownError from error
            self._back(connection)
            raise
        with self._lock:
            self._idle.append(connection)
        return done

    def _back(self, connection: Any) -> None:
        """Roll back, and keep the connection if that works."""
        try:
            self.engine.execute(connection, "ROLLBACK")
        except self.engine.errors:
            return
        with self._lock:
            self._idle.append(connection)
