"""Sends the requests of an operation through Locust's client, and counts them."""

import time
from collections.abc import Mapping
from urllib.parse import quote

from locust.contrib.fasthttp import FastHttpSession

from loadtest.operation import Answer
from loadtest.slo import Objective
from loadtest.tally import Tally


class Asking:
    """The requests of an operation that was due at one moment: the `Ask` that it is called with.

    The latency of its first request counts from that moment: what was sent late, since there was no time or no
    connection for it, was late for whoever waits for the answer.
    """

    def __init__(
        self, client: FastHttpSession, objectives: Mapping[str, Objective], due: float, tally: Tally | None = None
    ) -> None:
        """Take the moment, in seconds of time.perf_counter; without a `tally` nothing is counted."""
        self._client = client
        self._objectives = objectives
        self._since = due
        self._tally = tally
        self.answered = True
        self.trouble = ""

    def __call__(
        self,
        objective: str,
        wanted: int,
        *,
        path: Mapping[str, str] | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Answer | None:
        """Send a request and wait for its answer; None when that has not the status `wanted`."""
        asked = self._objectives[objective]
        url = asked.route.format_map({name: quote(value, safe="") for name, value in (path or {}).items()})
        response = self._client.request(
            asked.method,
            f"{url}?{query}" if query else url,
            name=objective,
            catch_response=True,
            headers=dict(headers or {}),
            json=body,
        )
        took, status = time.perf_counter() - self._since, response.status_code
        why = f"{status} instead of {wanted}" if status else f"no answer ({response.request_meta['exception']})"
        if self._tally:
            self._tally.of(objective).add(took, failed=status != wanted)
            response.request_meta["response_time"] = took * 1000
            with response:  # Locust has it for its report when this block ends
                if status == wanted:
                    response.success()
                else:
                    response.failure(why)
        self._since = time.perf_counter()
        if status == wanted:
            return Answer({name.lower(): value for name, value in (response.headers or {}).items()}, response.content)
        self.answered = self.answered and bool(status)
        self.trouble = f"{asked.method} {url} had {why}"
        return None
