"""The faults: what each one breaks, and a part of the sentence in which the suite has to say so.

A fault is named after the one check that sees it. Its branch stands where the broken thing does: `planted("A1-late")`.
"""

from typing import NamedTuple


class Fault(NamedTuple):
    """One fault."""

    broken: str
    seen: str


FAULTS = {
    "A1-late": Fault("readiness turns long after the signal", "readiness turned to 503 after"),
    "A1-refuses": Fault("the listener closes at the signal", "new requests failed in the drain"),
    "A1-drops": Fault("requests in flight are cut at the signal", "the request in flight was lost"),
    "A1-dead": Fault("liveness fails in the drain", "liveness failed in the drain"),
    "A1-code": Fault("the exit code after a busy stop is 3", "the exit code is 3"),
    "A2-silent": Fault("lost work is not logged", "no line of the log names /quotes"),
    "A2-ageless": Fault("lost work is logged without its age", "not how long the lost request had run"),
    "A2-zero": Fault("the exit code is 0 though work was lost", "a request was cut off"),
    "A3-stop": Fault("the exit code after an idle stop is 143", "after a clean stop is 143"),
    "A3-port": Fault("a port in use ends it with 0", "where its port is in use is 0"),
    "A4-ignored": Fault("the second signal changes nothing", "s after the second signal"),
    "A4-zero": Fault("the second signal ends it with 0", "the exit code is 0, though a request was abandoned"),
    "A5-waits": Fault("liveness waits for a free slot", "s while all slots were taken"),
    "A6-logs": Fault("each probe is logged", "lines in the log"),
    "A6-upstream": Fault("readiness asks a shared dependency", "because a shared dependency was away"),
    "A6-dear": Fault("readiness takes long", "not cheap"),
    "A6-talks": Fault("readiness tells all it knows", "more than whether it is ready"),
    "A6-switch": Fault("anybody can turn readiness off", "turned readiness off, without authentication"),
    "A7-early": Fault("readiness says yes before the port is bound", "and the first request got connection refused"),
    "A7-404": Fault("readiness answers 404 while it starts", "readiness answered 404 before it was ready"),
    "A7-blind": Fault("it is ready where it cannot work", "it is ready where it cannot work"),
    "A7-mute": Fault("a failed start is not explained", "it ended without a word"),
    "A7-code": Fault("a failed start ends with 3", "it ended with 3 where it cannot work"),
    "A8-stuck": Fault("a refused connection is never tried again", "5 s after its upstream is back"),
    "A8-dead": Fault("liveness fails when the dependency is away", "liveness failed with the upstream away"),
    "A8-500": Fault("a dependency that is away becomes a 500", "instead of 502 to 504"),
    "A9-deaf": Fault("process 1 has no signal handler", "SIGTERM does not reach it as process 1"),
    "A9-code": Fault("process 1 ends with 143", "as process 1 it ends with 143"),
    "C1-queues": Fault("everything is queued, for as long as it takes", "goodput falls to"),
    "C1-mute": Fault("refusals have no Retry-After", "have no Retry-After"),
    "C1-slow": Fault("refusals take half a second", "refusals take"),
    "C1-unready": Fault("readiness fails when all slots are taken", "probes failed under load"),
    "C2-memory": Fault("an announced body is taken into memory before it is refused", "announced: memory grew"),
    "C2-chunked": Fault("a body without a length has no limit", "chunked: answered 400"),
    "C2-abrupt": Fault("too large a body closes the connection without a word", "announced: no answer"),
    "C3-heads": Fault("a head may take for ever", "a head that trickles in is open after 10 s"),
    "C3-bodies": Fault("a body may take for ever", "a body that trickles in is open after 30 s"),
    "C3-honest": Fault("no body may take longer than five seconds", "an honest slow upload got 408"),
    "C3-silent": Fault("a silent socket may stay for ever", "a silent socket is open after 60 s"),
    "C4-header": Fault("an oversized header gets a 400", "a header of 64 KB got 400"),
    "C4-uri": Fault("an oversized URI gets a 400", "a URI of 64 KB got 400"),
    "C5-none": Fault("there is no deadline", "past its deadline of 1 s the request got 200"),
    "C5-late": Fault("the deadline is twice what it should be", "s after the deadline"),
    "C5-goes-on": Fault("the call upstream outlives the deadline", "the work goes on"),
    "C5-untold": Fault("the upstream is not told what is left", "was not told how much time is left"),
    "C5-lies": Fault("the upstream is told that a minute is left", "more than was left"),
    "C6-once": Fault("nothing is tried again", "it is not tried again"),
    "C6-storm": Fault("everything is tried three times", "no retry budget"),
    "C6-patient": Fault("the time-out of a call is five times as long", "for an upstream that hangs"),
    "C6-500": Fault("a time-out of a call becomes a 500", "with an upstream that hangs the request got 500"),
    "C7-closed": Fault("the circuit breaker never opens", "none failed fast with 503"),
    "C7-shared": Fault("other routes wait for the dependency to recover", "while an upstream hangs"),
    "C8-none": Fault("the rate has no limit", "beyond the quota of 5 it answered [200"),
    "C8-forged": Fault("X-Forwarded-For says who asks", "each under another X-Forwarded-For"),
    "C8-mute": Fault("a 429 has no RateLimit field", "the 429 has no ratelimit field"),
    "C8-stingy": Fault("the quota is one less than it says", "within the quota of 5"),
    "C8-probes": Fault("probes count against the quota", "probes are limited too"),
    "H1-first": Fault("only the first mistake is named", "of 3 mistakes"),
    "H1-code": Fault("bad configuration ends with 1", "bad configuration ends with 1, not 2"),
    "H1-slow": Fault("bad configuration is found late", "to refuse bad configuration"),
    "H1-unknown": Fault("an unknown key is passed over", "is unknown, and no line says so"),
    "H2-weak": Fault("a well-known secret will do", "it starts with a weak secret"),
    "H2-code": Fault("a weak secret ends with 0", "ends with 0, as if all were well"),
    "H2-nameless": Fault("the weak secret's key is not named", "does not name APP_SUPPLIER_TOKEN"),
    "H2-prints": Fault("the weak secret is printed", "it prints the secret"),
    "H2-logs": Fault("the weak secret is in a line of JSON", "it prints the secret"),
    "H3-ignores": Fault("a secret's file is not read", "before it was ready"),
    "H3-stale": Fault("a secret's file is read once", "the old secret is still in use"),
    "H3-logs": Fault("the secret is logged", "the secret is in the log"),
    "H3-shows": Fault("the secret is on a page", "the secret is shown at /env"),
    "H4-needs": Fault("--help wants the configuration", "--help ends with 2"),
    "H4-litters": Fault("--help leaves a file behind", "leaves settings.cache behind"),
    "H4-mute": Fault("--version says nothing", "--version says nothing"),
}
_planted: set[str] = set()


def plant(name: str) -> None:
    """Break what a fault breaks, from here on."""
    if name not in FAULTS:
        raise SystemExit(f"there is no fault called {name}; known are {', '.join(FAULTS)}")
    _planted.add(name)


def planted(name: str) -> bool:
    """Whether a fault is planted."""
    return name in _planted
