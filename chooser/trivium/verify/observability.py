"""Section G: observability."""

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import replace

from trivium.exposition import Sample

from . import metrics, process, wire
from .service_file import Request
from .trial import FailedError, Running, Trial, expect, expect_in_time, filled, told

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
MALFORMED = (
    "x",
    f"00-{TRACE}-{PARENT}",
    f"00-{'0' * 32}-{PARENT}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"ff-{TRACE}-{PARENT}-01",
)
CANARY = "canary-71c4e0"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
PRIVATE = (
    *("/metrics", "/version", "/env", "/startupz", "/health/dependencies", "/docs", "/swagger-ui/index.html"),
    *("/debug/pprof/", "/debug/vars"),
    *("/actuator", "/actuator/env", "/actuator/threaddump", "/actuator/metrics", "/actuator/loggers"),
)
SEMCONV_BUCKETS = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
LABELS = ("http_request_method", "http_response_status_code")
SERIES, RANDOM_PATHS = 3, 300


def g1(trial: Trial) -> str:
    """Read everything it writes, from a start to a stop, and from a start that fails."""
    fields = trial.service.get("logs.fields")
    with trial.running() as running:
        running.attempt("trivial")
        wire.attempt(running.public, Request("BREW", "/"))
        running.stop()
    count = _all_json(running.process.output(), fields)  # the last line too, now that nothing more can come
    invalid = trial.service.get("configuration.invalid")
    if invalid:
        with trial.places() as places:
            command = filled(trial.service.command, places)
            _, said, _ = process.run(command, trial.service.folder, trial.environment(places, invalid), 20)
        expect(bool(said), "bad configuration ends it without a word")
        count += _all_json(said, fields)
    return f"{count} lines, one JSON object each, with {', '.join(fields)}"


def _all_json(lines: list[str], fields: list[str]) -> int:
    expect(bool(lines), "it writes nothing")
    for line in lines:
        entry = wire.json_object(line)
        if entry is None:
            raise FailedError(f"this line is no JSON object: {line[:120]!r}")
        missing = [name for name in fields if name not in entry]
        expect(not missing, f"{', '.join(missing)} is missing in {line[:120]!r}")
        moment = str(entry.get("timestamp", "1970-01-01T00:00:00Z"))
        expect(MOMENT.fullmatch(moment), f"{moment!r} is no moment in UTC (RFC 3339)")
    return len(lines)


def g2(trial: Trial) -> str:
    """Send canaries where secrets travel, and look for them; count the access lines."""
    running, upload = trial.shared(), trial.service.request("upload")
    access = trial.service.get("logs.access")
    before = _quiet(running)
    secret = {"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}", "X-Api-Key": CANARY}
    body = upload.body.replace('"ada"', f'"{CANARY}"')
    path = f"{upload.path}{'&' if '?' in upload.path else '?'}token={CANARY}"
    for sent in (replace(upload, path=path, body=body), replace(upload, body=f'{{"password": "{CANARY}"}}')):
        wire.attempt(running.public, sent, headers=secret)
    wire.attempt(running.public, Request(path=f"/nowhere/{CANARY}"), headers=secret)
    for _ in range(5):
        running.probe("live")
    lines = _settled(running, before, 3)
    leaks = [line for line in lines if CANARY in line]
    expect(not leaks, f"a secret is in the log: {leaks[0][:160] if leaks else ''}")
    entries = [entry for line in lines if (entry := wire.json_object(line)) and set(access) <= entry.keys()]
    expect(len(entries) == 3, f"three requests and some probes left {len(entries)} lines with {', '.join(access)}")
    return "one line for each request, none for probes, no canary in any"


def _quiet(running: Running) -> int:
    """Return how many lines it wrote, once what came before has left its last one."""
    end, before = time.monotonic() + 3, -1
    while before != running.process.said and time.monotonic() < end:
        before = running.process.said
        time.sleep(0.2)
    return running.process.said


def _settled(running: Running, before: int, wanted: int) -> list[str]:
    """Return the lines since then, once there are enough and no more come."""
    end = time.monotonic() + 3
    while len(running.process.output(before)) < wanted and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.3)
    return running.process.output(before)


def g3(trial: Trial) -> str:
    """Send a trace context, none, and broken ones."""
    running, header = trial.shared(), trial.service.get("trace_header")
    before = running.process.said
    given = wire.ask(running.public, Request(path="/nowhere"), headers={"traceparent": TRACEPARENT})
    expect(TRACE in given.headers.get(header.lower(), ""), f"{header} does not return the caller's trace id")
    expect(TRACE.encode() in given.body, "the problem does not name the caller's trace id")
    lines = _settled(running, before, 1)
    expect(any(TRACE in line for line in lines), "no line of the log names the caller's trace id")
    ids = set()
    for malformed in (None, *MALFORMED):
        headers = {} if malformed is None else {"traceparent": malformed}
        answer = wire.ask(running.public, Request(path="/nowhere"), headers=headers)
        ids.add(answer.headers.get(header.lower(), ""))
    fresh = len(MALFORMED) + 1
    expect("" not in ids and not any(TRACE in own for own in ids), "a malformed trace context is taken as it is")
    expect(len(ids) == fresh, "requests without a usable trace context share a trace id")
    if trial.service.get("requests.outbound"):
        running.attempt("outbound", headers={"traceparent": TRACEPARENT})
        passed = [call.headers.get("traceparent", "") for call in trial.upstream.calls]
        expect(bool(passed), "the upstream was not called")
        expect(all(TRACE in one and PARENT not in one for one in passed), f"the upstream was given {passed[0]!r}")
    return "continued into answer, log and upstream; absent or malformed ones replaced"


def g4(trial: Trial) -> str:
    """Send some hundred random paths and methods, and count the series."""
    running, name = trial.shared(), trial.service.get("metrics.duration")
    running.attempt("trivial")
    wire.attempt(running.public, Request(path="/nowhere"))
    wire.attempt(running.public, Request("BREW", "/nowhere"))
    before = list(metrics.samples(running))
    buckets = {
        float(labels["le"])
        for own, labels, _ in before
        if own == f"{name}_bucket" and labels.get("le", "+Inf") != "+Inf"
    }
    expect(bool(buckets), f"there is no histogram {name}")
    expect(buckets == SEMCONV_BUCKETS, f"its buckets are {sorted(buckets)}, not those of the semantic conventions")
    series = [labels for own, labels, _ in before if own == f"{name}_count"]
    unlabelled = [label for label in LABELS if not all(label in labels for labels in series)]
    expect(not unlabelled, f"a series has no {' and no '.join(unlabelled)}")
    label = trial.service.get("metrics.route_label", "http_route")
    routes = {labels.get(label, "") for labels in series}
    wanted = trial.service.request("trivial").path.split("?", maxsplit=1)[0]
    expect(wanted in routes, f"no series has the route {wanted}")
    chance = random.Random(7)
    for _ in range(RANDOM_PATHS):
        path = f"/{chance.getrandbits(64):x}"
        wire.attempt(running.public, Request(chance.choice(["GET", "POST", f"M{chance.getrandbits(20)}"]), path))
    added = len(_series(list(metrics.samples(running)), name)) - len(_series(before, name))
    expect(added <= SERIES, f"random paths and methods added {added} series")
    return f"{len(routes)} routes, {RANDOM_PATHS} random paths and methods added {max(0, added)} series"


def _series(samples: list[Sample], name: str) -> set[str]:
    return {json.dumps(labels, sort_keys=True) for own, labels, _ in samples if own == f"{name}_count"}


def g5(trial: Trial) -> str:
    """Look for the figures of saturation, and see one of them move."""
    names = trial.service.get("metrics.saturation")
    with trial.running() as running:
        there = {own for own, _, _ in metrics.samples(running)}
        missing = [name for name in names if name not in there]
        expect(not missing, f"{', '.join(missing)} is missing")
        gauge = trial.service.get("metrics.in_flight")
        trial.slow(running, 2)
        end = time.monotonic() + 2
        while (seen := metrics.value(running, gauge)) < 1:
            expect_in_time(time.monotonic() < end, f"{gauge} stays 0 while a request is in flight")
            time.sleep(0.05)
    return f"{len(names)} figures, {gauge} was {seen:g} with a request in flight"


def g6(trial: Trial) -> str:
    """Ask what is running."""
    running = trial.shared()
    answer = wire.ask(running.probed, Request(path=trial.service.get("identity.path")))
    expect(answer.ok, f"{trial.service.get('identity.path')} answers {answer}")
    said = told(answer, trial.service.get("identity.path"))
    missing = [name for name in trial.service.get("identity.fields") if not said.get(name)]
    expect(not missing, f"it does not say its {', '.join(missing)}")
    secret = trial.service.get("configuration.secret")
    value = str(trial.service.get("environment", {}).get(secret, "")) if secret else ""
    first = running.process.output()[:5]
    expect(not value or not any(value in line for line in first), "its first lines print a secret")
    return ", ".join(f"{name} {said[name]}" for name in trial.service.get("identity.fields"))


def g7(trial: Trial) -> str:
    """Ask the public port for what only operators should see."""
    running = trial.shared()
    shown = [path for path in PRIVATE if wire.attempt(running.public, Request(path=path)).status != 404]
    expect(not shown, f"the public port answers {', '.join(shown)}")
    return f"{len(PRIVATE)} paths, 404 each"


CHECKS: dict[str, Callable[[Trial], str]] = {"G1": g1, "G2": g2, "G3": g3, "G4": g4, "G5": g5, "G6": g6, "G7": g7}
