"""The command of the service. The service itself is imported late, so that --help and refusals come at once."""

import os
import sys

from .platform import config_keys, logs
from .platform.about import SERVICE, VERSION
from .platform.lifecycle import Lifecycle
from .settings import Settings

USAGE = f"""usage: {SERVICE} [migrate | --help | --version]

{config_keys.help_table(Settings)}"""


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
        settings = config_keys.load(Settings, os.environ)
    except config_keys.ConfigError as error:
        logs.log.error(str(error), extra={"errors": error.errors})
        return 2
    logs.set_up(settings.log_level)
    logs.log.info("configuration", extra={"config": config_keys.printable(settings)})
    for key in config_keys.unknown_keys(Settings, os.environ):
        logs.log.warning("unknown configuration variable", extra={"key": key})

    from . import service

    return service.migrate(settings) if migrate_only else service.run(settings, lifecycle)


if __name__ == "__main__":
    sys.exit(main())
