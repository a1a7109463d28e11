"""The command of the service. The service itself is imported late, so that --help and refusals come at once."""

import os
import sys

from .platform import config, logs
from .platform.about import SERVICE, VERSION
from .platform.lifecycle import Lifecycle

USAGE = f"""usage: {SERVICE} [migrate | --help | --version]

Without an argument: run the service. migrate: bring the database to the version this build expects, and exit.

Configuration comes from environment variables:

{config.help_table()}

OTEL_* variables are OpenTelemetry's own.
Exit codes: 0 clean stop, 1 failed start or requests cut off, 2 bad configuration."""


def main() -> int:
    """Do what the arguments say and return the exit code."""
    match sys.argv[1:]:
        case []:
            return _run(migrate_only=False)
        case ["migrate"]:
            return _run(migrate_only=True)
        case ["--help"]:
            print(USAGE)
            return 0
        case ["--version"]:
            print(SERVICE, VERSION)
            return 0
        case arguments:
            print(f"{SERVICE}: unknown argument {arguments[-1]!r}; see {SERVICE} --help", file=sys.stderr)
            return 2


def _run(*, migrate_only: bool) -> int:
    lifecycle = Lifecycle()
    lifecycle.listen_to_signals()
    logs.set_up("info")
    try:
        settings = config.load(os.environ)
    except config.ConfigError as error:
        logs.log.error(str(error), extra={"errors": error.errors})
        return 2
    logs.set_up(settings.log_level)
    logs.log.info("configuration", extra={"config": settings.printable()})
    for key in config.unknown_keys(os.environ):
        logs.log.warning("unknown configuration variable", extra={"key": key})

    from . import service

    return service.migrate(settings) if migrate_only else service.run(settings, lifecycle)


if __name__ == "__main__":
    sys.exit(main())
