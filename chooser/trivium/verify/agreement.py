"""Section E: the contract, its errors, its evolution."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from . import files, validation, wire
from .service_file import Request
from .trial import Running, Trial, expect, told
from .wire import Answer, NoAnswerError

PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status"}
CANARY = "dsn-canary-5f3a"
EXTREMES = ("1000000000", "-1", "x", "0", "")
CREATED = 7  # so that there are pages of three
MOST_CREATED, MOST_PAGES = 1000, 1000
METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}  # a path item holds more than its operations
TEMPLATE = re.compile(r"\{[^}]*\}")


def e1(trial: Trial) -> str:
    """Compare what is served with what is committed."""
    running = trial.shared()
    answer = wire.ask(running.public, Request(path=trial.service.get("contract.path")))
    expect(answer.ok, f"the contract is answered with {answer}")
    served = told(answer, "the contract")
    committed = files.read(trial.service, trial.service.get("contract.file"))
    expect(served == committed, f"what is served differs from {trial.service.get('contract.file')}")
    paths = served.get("paths")
    expect(isinstance(paths, dict) and paths, "the contract names no paths")
    unserved = []
    for path, item in served["paths"].items():
        for method in [name for name in item if name in METHODS]:
            answer = wire.ask(running.public, Request(method.upper(), TEMPLATE.sub("none", path)))
            if answer.status in {405, 501} or (answer.status == 404 and "{" not in path):
                unserved.append(f"{method.upper()} {path}")
    expect(not unserved, f"the contract names {', '.join(unserved)}, which is not served")
    return f"{len(served['paths'])} paths, served as committed"


def e2(trial: Trial) -> str:
    """Provoke every error there is from outside."""
    running, upload = trial.shared(), trial.service.request("upload")
    filler = "x" * 65_536
    provoked: dict[int, Answer | NoAnswerError] = {
        404: wire.attempt(running.public, Request(path="/nowhere")),
        405: wire.attempt(running.public, Request("DELETE", upload.path)),
        400: wire.attempt(running.public, Request(upload.method, upload.path, "{")),
        415: wire.attempt(running.public, upload, headers={"Content-Type": "text/plain"}),
        422: wire.attempt(running.public, Request(upload.method, upload.path, '{"nobody": "knows this"}')),
        413: wire.attempt(running.public, upload, headers={"Content-Length": "900000000"}),
        431: wire.attempt(running.public, Request(path=upload.path), headers={"X-Filler": filler}),
    }
    wrong = [f"{status}: {found}" for status, answer in provoked.items() if (found := _not_a_problem(status, answer))]
    refused = provoked[405]
    if isinstance(refused, Answer) and "allow" not in refused.headers:
        wrong.append("405: no Allow field")
    expect(not wrong, "; ".join(wrong))
    return ", ".join(map(str, sorted(provoked)))


def _not_a_problem(status: int, answer: Answer | NoAnswerError) -> str:
    """Return what keeps an answer from being the problem details of that status; nothing when it is."""
    if isinstance(answer, NoAnswerError):
        return str(answer)
    problem = wire.problem(answer)
    if answer.status != status:
        return f"answered with {answer}"
    if answer.headers.get("content-type", "").split(";")[0] != PROBLEM:
        return f"the media type is {answer.headers.get('content-type', 'missing')}"
    if not problem.keys() >= MEMBERS:
        return f"{', '.join(sorted(MEMBERS - problem.keys()))} is missing"
    return "" if problem["status"] == status else f"its status member is {problem['status']}"


def e3(trial: Trial) -> str:
    """Make its upstream answer with something secret and broken."""
    running = trial.shared()
    healthy = trial.upstream.body
    trial.upstream.body = f'{{"error": "postgres://user:{CANARY}@db/orders'.encode()
    try:
        answer = running.attempt("outbound")
        expect(answer.status >= 500, f"a broken answer of the upstream became {answer}")
        body = getattr(answer, "body", b"")
        shown = [word for word in (CANARY.encode(), b"Traceback", b"Exception", b"goroutine", b"\tat ") if word in body]
        expect(not shown, f"the answer shows {shown[0].decode() if shown else ''}")
    finally:
        trial.upstream.body = healthy
    return f"{answer.status} without a trace of what was inside"


def e4(trial: Trial) -> str:
    """Use methods as they are defined, and paths that some servers would rewrite."""
    running, create = trial.shared(), trial.service.request("create")
    made = wire.ask(running.public, create)
    expect(made.status == 201, f"creating answers {made}, not 201")
    location = _location(made)
    expect(bool(location), "201 without a Location")
    read, head = (wire.ask(running.public, Request(method, location)) for method in ("GET", "HEAD"))
    expect(read.ok, f"what was created cannot be read: {read}")
    expect(head.status == read.status, f"HEAD answers {head}, GET {read}")
    _, said, _ = wire.pour(running.public, wire.head(Request("HEAD", location), {"Connection": "close"}), (), 5)
    expect(not said.partition(b"\r\n\r\n")[2], "HEAD has a body")
    for name in ("content-type", "etag"):
        expect(head.headers.get(name) == read.headers.get(name), f"HEAD and GET differ in {name}")
    trace = wire.attempt(running.public, Request("TRACE", "/"))
    expect(not trace.ok, f"TRACE answers {trace}")
    for path in (f"/{create.path}", f"{create.path}/", f"/x/..{create.path}"):
        answer = wire.attempt(running.public, Request(create.method, path, create.body, create.content_type))
        redirected = answer.status in {301, 302, 303, 307, 308}
        expect(not redirected, f"POST {path} is redirected with {answer}, and loses its body on the way")
    return "201 with Location, HEAD as GET, no TRACE, no redirect"


def _location(made: Answer) -> str:
    """Return where the Location field points to, which may be a whole URI."""
    place = urlsplit(made.headers.get("location", ""))
    return place.path + (f"?{place.query}" if place.query else "")


def e5(trial: Trial) -> str:
    """Ask for too much, for nonsense, and page while others insert."""
    running, pages = trial.shared(), trial.service.get("pages")
    create, most = trial.service.request("create"), int(pages["most"])
    made = max(CREATED, min(most + 1, MOST_CREATED))  # more than a page may hold
    for _ in range(made):
        wire.ask(running.public, create)
    for limit in EXTREMES:
        answer = wire.ask(running.public, Request(path=f"{pages['path']}?limit={limit}"))
        expect(answer.status < 500, f"limit={limit} got {answer}")
        if answer.ok:
            count = len(_entries(answer, pages))
            expect(count <= most, f"limit={limit} returned {count} entries, the most is {most}")
    size = max(3, min(most // 10, MOST_CREATED // 10))
    quiet = _all_pages(running, pages, size + 1, lambda: None)
    seen = _all_pages(running, pages, size, lambda: wire.attempt(running.public, create))
    expect(len(quiet) >= made, f"of at least {made} entries {len(quiet)} came")
    expect(len(set(seen)) == len(seen), "an entry came twice while others were inserted")
    lost = set(quiet) - set(seen)
    expect(not lost, f"{len(lost)} of {len(quiet)} entries did not come again while others were inserted")
    return f"at most {most} whatever is asked for, {len(seen)} entries paged through without a doublet"


def _all_pages(running: Running, pages: dict[str, Any], limit: int, between: Callable[[], object]) -> list[str]:
    """Return all entries, with something done after each page."""
    seen, cursor = list[str](), ""
    for _ in range(MOST_PAGES):
        path = f"{pages['path']}?limit={limit}{f'&cursor={quote(cursor)}' if cursor else ''}"
        answer = wire.ask(running.public, Request(path=path))
        expect(answer.ok, f"{path} got {answer}")
        seen += [json.dumps(entry, sort_keys=True) for entry in _entries(answer, pages)]
        between()
        cursor = str(told(answer, path).get(pages["next"]) or "")
        if not cursor:
            break
    return seen


def _entries(answer: Answer, pages: dict[str, Any]) -> list[Any]:
    entries = told(answer, pages["path"]).get(pages["items"])
    expect(isinstance(entries, list), f"a page has no {pages['items']}")
    return list(entries or [])


def e6(trial: Trial) -> str:
    """Change something with no, with a stale and with the right precondition."""
    running, change = trial.shared(), trial.service.request("change")
    made = wire.ask(running.public, trial.service.request("create"))
    location, etag = _location(made), made.headers.get("etag", "")
    expect(bool(etag), "what is created has no ETag")
    one = Request(change.method, location, change.body, change.content_type)
    steps: list[tuple[str, dict[str, str], int]] = [
        ("without If-Match", {}, 428),
        ("with a stale If-Match", {"If-Match": '"stale"'}, 412),
        ("with a weak If-Match", {"If-Match": f"W/{etag}"}, 412),
        ("with the right If-Match", {"If-Match": etag}, 200),
        ("with the same one again", {"If-Match": etag}, 412),
    ]
    for what, headers, wanted in steps:
        answer = wire.ask(running.public, one, headers=headers)
        expect(answer.status == wanted, f"a change {what} got {answer}, not {wanted}")
    again = wire.ask(running.public, Request(path=location))
    expect(again.headers.get("etag") not in {None, etag}, "the ETag is the same after a change")
    unchanged = wire.ask(running.public, Request(path=location), headers={"If-None-Match": again.headers["etag"]})
    expect(unchanged.status == 304, f"If-None-Match with the current ETag got {unchanged}, not 304")
    return "428, 412, 412, 200, 412; 304 for what has not changed"


def e7(trial: Trial) -> str:
    """Run the service's own gate against breaking changes."""
    return validation.gate(trial, "evolution")


CHECKS: dict[str, Callable[[Trial], str]] = {"E1": e1, "E2": e2, "E3": e3, "E4": e4, "E5": e5, "E6": e6, "E7": e7}
