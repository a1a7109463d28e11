"""What `trivium verify` does, a straight line of steps."""

import sys
from argparse import Namespace
from pathlib import Path

from trivium import writing
from trivium.errors import UserError

from . import scorecard, service_file, suite

FAILED = 1


def run(arguments: Namespace) -> int:
    """Check a service and print its scorecard; return 1 when a check failed. Raises UserError."""
    selected = suite.select([word.strip() for word in (arguments.only or "").split(",") if word.strip()])
    if arguments.list:
        print(scorecard.listing(selected))
        return 0
    service = service_file.find(arguments.service or arguments.directory or Path())
    progress = sys.stderr if arguments.json else sys.stdout
    verdicts = []
    try:
        print(f"{service.name}: {len(selected)} checks", file=progress, flush=True)
        suite.build(service)
        for verdict in suite.run(service, selected):
            verdicts.append(verdict)
            print(scorecard.line(verdict), file=progress, flush=True)
    except KeyboardInterrupt as error:
        raise UserError("interrupted; every process it had started was ended.") from error
    print(scorecard.summary(verdicts), file=progress)
    if arguments.json:
        print(scorecard.as_json(service.name, verdicts))
    if arguments.junit:
        writing.whole(arguments.junit, scorecard.as_junit(service.name, verdicts) + "\n")
    return FAILED if any(verdict.outcome == suite.FAIL for verdict in verdicts) else 0
