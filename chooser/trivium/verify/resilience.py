"""Section C: resilience; shedding.py has C1."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from . import overload, wire
from .service_file import Request
from .trial import FailedError, InBackground, Repeatedly, Running, Trial, expect, expect_in_time
from .wire import Answer

MEGABYTE = 1_000_000
UNAVAILABLE, TIMED_OUT = 503, {503, 504}
WARMING = 10  # requests before one whose time counts


def c2(trial: Trial) -> str:
    """Send 200 MB, announced and chunked."""
    request = trial.service.request("upload")
    piece, times = b" " * 65_536, 200 * MEGABYTE // 65_536 + 1
    seen = []
    with trial.running() as running:
        expect(running.attempt("upload").ok, f"the upload itself fails ({running.attempt('upload')})")
        chunk = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        kinds = {
            "announced": ({"Content-Length": str(times * len(piece))}, piece, b""),
            "chunked": ({"Transfer-Encoding": "chunked"}, chunk, b"0\r\n\r\n"),
        }
        for kind, (headers, data, last) in kinds.items():
            before = running.process.memory()
            watched = Repeatedly(running.process.memory, every=0.02)
            head = wire.head(request, {"Content-Type": request.content_type, **headers})
            sent, said, closed = wire.pour(running.public, head, [*[data] * times, last], 30)
            grown = (max(watched.stop()) - before) / MEGABYTE
            status = wire.status_of(said)
            expect(
                status == 413,
                f"{kind}: {f'answered {status}' if status else 'no answer'} after {sent / MEGABYTE:.0f} MB",
            )
            expect(grown < 20, f"{kind}: memory grew by {grown:.0f} MB")
            expect(closed, f"{kind}: the connection stays open after the 413")
            seen.append(f"{kind} after {sent / MEGABYTE:.1f} MB, memory +{max(0.0, grown):.1f} MB")
        expect(running.attempt("upload").ok, "afterwards it serves no more")
    return f"413: {'; '.join(seen)}"


def c3(trial: Trial) -> str:
    """Be a slow client in four ways at once."""
    request = trial.service.request("upload")
    start = wire.head(request, {"Content-Type": request.content_type, "Content-Length": "24000"})
    unfinished = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
    with trial.running() as running, ThreadPoolExecutor(4) as pool:
        slack, port = 2 + running.slack, running.public
        silent = pool.submit(wire.trickle, port, b"", b"", 1, 60 + slack)
        heads = pool.submit(wire.trickle, port, unfinished, b"X-More: 1\r\n", 2, 10 + slack)
        bodies = pool.submit(wire.trickle, port, start, b" ", 2, 30 + slack)
        honest = pool.submit(_honest, port, start, request.body)
        wrong = []
        if heads.result()[0] > 10 + slack:
            wrong.append("a head that trickles in is open after 10 s")
        if bodies.result()[0] > 30 + slack:
            wrong.append("a body that trickles in is open after 30 s")
        status = honest.result()
        if not 200 <= status < 300:
            wrong.append(f"an honest slow upload got {status or 'no answer'}")
        if silent.result()[0] > 60 + slack:
            wrong.append("a silent socket is open after 60 s")
        expect(not wrong, "; ".join(wrong))
        times = [
            f"{name} after {future.result()[0]:.0f} s"
            for name, future in (("head", heads), ("body", bodies), ("silent socket", silent))
        ]
    return f"closed: {', '.join(times)}; the honest one succeeded"


def _honest(port: int, start: bytes, body: str) -> int:
    """Upload 24,000 bytes at about 2,000 a second; return the status."""
    content = body.encode().ljust(24_000)
    said = b""
    with socket.create_connection((wire.HOST, port), timeout=10) as client:
        try:
            client.sendall(start)
            for at in range(0, len(content), 500):
                if wire.says_something(client):
                    break
                client.sendall(content[at : at + 500])
                time.sleep(0.25)
            client.settimeout(15)
            while not said and (data := client.recv(65_536)):
                said += data
        except OSError:
            return wire.status_of(said)
    return wire.status_of(said)


def c4(trial: Trial) -> str:
    """Send 64 KB in a header and in the URI."""
    request = trial.service.request("trivial")
    with trial.running() as running:
        header = _raw(running.public, wire.head(request, {"X-Filler": "x" * 65_536}))
        separator = "&" if "?" in request.path else "?"
        long = Request(method=request.method, path=f"{request.path}{separator}filler={'x' * 65_536}")
        uri = _raw(running.public, wire.head(long, {}))
        wrong = [
            f"a {what} of 64 KB got {status or 'no answer'}, not {wanted}"
            for what, status, wanted in (("header", header, 431), ("URI", uri, 414))
            if status != wanted
        ]
        expect(not wrong, "; ".join(wrong))
        expect(running.attempt("trivial").ok, "afterwards it serves no more")
    return "431 and 414"


def _raw(port: int, content: bytes) -> int:
    """Send bytes; return the status of what comes back."""
    _, said, _ = wire.pour(port, content, [], 5)
    return wire.status_of(said)


def c5(trial: Trial) -> str:
    """Let a request outlive its deadline."""
    settings = trial.service.settable({"request_timeout_seconds": 1})
    limit = settings.get("request_timeout_seconds") or trial.setting("request_timeout_seconds") or 0
    with trial.running(settings) as running:
        for _ in range(WARMING):  # the first requests of a virtual machine pay for the loading of its classes
            trial.slow(running, 0).result(limit + 5)
        running.measure()
        trial.upstream.calls.clear()
        answer = trial.slow(running, limit + 10).result(limit + 15)
        status = getattr(answer, "status", 0)
        expect(status in TIMED_OUT, f"past its deadline of {limit:g} s the request got {answer}")
        late = answer.seconds - limit
        expect_in_time(late <= 0.1 + running.slack, f"the answer came {late:.2f} s after the deadline")
        if not trial.service.request("slow").delayed_by_upstream:
            return f"{status} after {answer.seconds:.2f} s; whether the work ends too cannot be seen from outside"
        time.sleep(1 + running.slack)
        calls = trial.upstream.calls
        expect(bool(calls), "its upstream was never called")
        expect(calls[0].left_after is not None, "its upstream still works for a request that is over: the work goes on")
        told = [float(v) for k, v in calls[0].headers.items() if ("timeout" in k or "deadline" in k) and v.isdigit()]
        expect(bool(told), "its upstream was not told how much time is left (no header of a timeout or deadline)")
        expect(told[0] <= limit * 1000, f"its upstream was told {told[0]:g} ms, more than was left")
    return f"{status} after {answer.seconds:.2f} s, the upstream was left and had been told {told[0]:g} ms"


def c6(trial: Trial) -> str:
    """Let the upstream fail once, always, and hang."""
    many = 40
    with trial.running() as running:
        running.attempt("outbound")
        trial.upstream.reset()
        trial.upstream.failing = 1
        once = running.attempt("outbound")
        expect(once.ok, f"one failure of the upstream became {once}: it is not tried again")
        trial.upstream.calls.clear()
        trial.upstream.failing = -1
        for _ in range(many):
            running.attempt("outbound")
        attempts = len(trial.upstream.calls)
        expect(
            attempts <= 1.2 * many,
            f"{many} requests made {attempts} attempts at an upstream that only fails: no retry budget",
        )
    timeout = trial.service.settable({"upstream_timeout_seconds": 1})
    limit = timeout.get("upstream_timeout_seconds") or trial.setting("request_timeout_seconds") or 30
    with trial.running(timeout) as running:
        trial.upstream.delay = limit + 10
        hung = running.attempt("outbound", seconds=limit + 10)
        expect(not hung.ok, "it answers though its upstream hangs")
        expect(hung.status in {502, 503, 504}, f"with an upstream that hangs the request got {hung}")
        expect_in_time(
            hung.seconds <= limit + 1 + running.slack, f"it waited {hung.seconds:.1f} s for an upstream that hangs"
        )
    silence = f"{hung.status} after {hung.seconds:.1f} s of silence"
    return f"tried again once, {attempts} attempts for {many} failing requests, {silence}"


def c7(trial: Trial) -> str:
    """Let the upstream hang, and look at other routes and at how soon its own fails fast."""
    timeout = trial.service.settable({"upstream_timeout_seconds": 0.5})
    with trial.running(timeout) as running:
        alone = _slowest(running, 1)
        trial.upstream.delay = 30
        stopped = time.monotonic() + 6

        def hammer() -> list[overload.Result]:
            seen = []
            while time.monotonic() < stopped:
                seen.append(running.attempt("outbound", seconds=15))
                time.sleep(0.05)
            return seen

        callers = InBackground.several(8, hammer)
        time.sleep(0.5)
        beside = _slowest(running, 4)
        limit = max(0.25, 3 * alone) + 2 * running.slack
        expect_in_time(
            beside <= limit,
            f"other routes take {beside * 1000:.0f} ms (p99) while an upstream hangs, {alone * 1000:.0f} ms alone",
        )
        seen = [result for caller in callers for result in caller.result(20) or []]
        fast = [
            r for r in seen if isinstance(r, Answer) and r.status == UNAVAILABLE and r.seconds <= 0.1 + running.slack
        ]
        expect(bool(fast), f"{len(seen)} requests to an upstream that hangs, and none failed fast with 503")
    return f"other routes {beside * 1000:.0f} ms (p99) beside it, {len(fast)} of {len(seen)} requests to it failed fast"


def _slowest(running: Running, seconds: float) -> float:
    """Return the p99 of the trivial request."""
    end, taken = time.monotonic() + seconds, []
    while time.monotonic() < end:
        answer = running.attempt("trivial", seconds=10)
        if not answer.ok:
            raise FailedError(f"another route got {answer}")
        taken.append(answer.seconds)
        time.sleep(0.01)
    return sorted(taken)[int(len(taken) * 0.99) - 1]


def c8(trial: Trial) -> str:
    """Ask more often than the quota allows, under many names."""
    quota = 5
    with trial.running({"rate_limit_requests": quota}) as running:
        answers = [running.ask("limited", headers={"X-Forwarded-For": f"10.0.0.{i}"}) for i in range(quota + 3)]
        statuses = [answer.status for answer in answers]
        expect(
            all(answer.ok for answer in answers[:quota]), f"within the quota of {quota} it answered {statuses[:quota]}"
        )
        over = answers[quota:]
        expect(
            all(a.status == 429 for a in over),
            f"beyond the quota of {quota} it answered {statuses[quota:]}, each under another X-Forwarded-For",
        )
        for name in ("retry-after", "ratelimit", "ratelimit-policy"):
            expect(all(name in answer.headers for answer in over), f"the 429 has no {name} field")
        probes = [answer for _ in range(10) for answer in running.probe_all()]
        expect(all(answer.ok for answer in probes), "probes are limited too")
    return f"{quota} served, then 429 with Retry-After {over[0].headers['retry-after']}; probes are exempt"


CHECKS: dict[str, Callable[[Trial], str]] = {
    "C2": c2,
    "C3": c3,
    "C4": c4,
    "C5": c5,
    "C6": c6,
    "C7": c7,
    "C8": c8,
}
