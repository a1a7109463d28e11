"""Section C: overload (C1)."""

import time
from collections import Counter
from collections.abc import Callable

from . import overload
from .trial import NotApplicableError, Repeatedly, Running, Trial, expect, expect_in_time

MOST_OFFERED = 1500  # requests a second that this client can offer on two busy cores
KEPT = 0.8  # of the peak


def c1(trial: Trial) -> str:
    """Offer four times what it can do, and count what comes back in time."""
    small: dict[str, float] = {"max_in_flight": 8, "max_queued": 8, "queue_timeout_ms": 80}
    settings = trial.service.settable(small)
    lasting, patience = 0.1, 1.0
    with trial.running(settings) as running:
        trial.delay("slow", lasting)

        def send() -> overload.Result:
            return running.attempt("slow", seconds=patience, lasting=lasting)

        overload.closed(send, 4, 1)  # warms it up
        peak = max(overload.closed(send, clients, 2).goodput(patience) for clients in (4, 8, 16))
        expect(peak > 0, "the slow request never succeeds")
        if peak * 4 > MOST_OFFERED:
            raise NotApplicableError(
                f"its capacity of {peak:.0f}/s for a request of {lasting} s is more than can be offered here"
            )
        watched = Repeatedly(running.probe_all, every=0.1)
        load = overload.opened(send, 4 * peak, 6)
        failed_probes = sum(not answer.ok for answers in watched.stop() for answer in answers)
        goodput = load.goodput(patience)
        share = goodput / peak
        if not settings and len(load.good(patience)) >= 0.95 * len(load.results):
            raise NotApplicableError(
                f"it serves {4 * peak:.0f}/s in time and has no limit to set: what is offered here does not overload it"
            )
        expect(not failed_probes, f"{failed_probes} probes failed under load")
        shed = load.shed()
        silent = [answer for answer in shed if "retry-after" not in answer.headers]
        expect(not silent, f"{len(silent)} of {len(shed)} refusals have no Retry-After")
        took = sorted(answer.seconds for answer in shed)[int(len(shed) * 0.9)] if shed else 0.0
        limit = 0.1 + settings.get("queue_timeout_ms", 100) / 1000 + 2 * running.slack
        expect_in_time(took <= limit, f"refusals take {took * 1000:.0f} ms")
        expect_in_time(share >= KEPT, f"goodput falls to {share:.0%} of its peak at four times the load")
        expect(bool(shed), "nothing was shed at four times the load")
        lost = [str(result) for _, result in load.results if not result.ok and result.status not in overload.REFUSALS]
        expect(
            len(lost) <= len(load.results) // 50,
            f"{len(lost)} of {len(load.results)} requests got neither success nor refusal ({_most(lost)})",
        )
        _recovered(running, send)
    refused = f"{len(shed)} of {len(load.results)} shed, 90 % of them within {took * 1000:.0f} ms"
    return f"goodput {share:.0%} of {peak:.0f}/s, {refused}"


def _most(reasons: list[str]) -> str:
    """Return the most frequent reasons."""
    return ", ".join(f"{count} times {reason}" for reason, count in Counter(reasons).most_common(2))


def _recovered(running: Running, send: Callable[[], overload.Result]) -> None:
    time.sleep(2)
    after = [send() for _ in range(10)]
    bad = [result for result in after if not result.ok]
    expect(not bad, f"two seconds after the load {len(bad)} of 10 requests fail ({bad[0] if bad else ''})")
    expect(running.process.running, "it ended")


CHECKS: dict[str, Callable[[Trial], str]] = {"C1": c1}
