"""The command `trivium`: its words, its order of steps, its exit codes.

0 done; 1 `verify` found a check that fails, or `slo --check` a file out of date; 2 bad input, one sentence on stderr
and nothing written; 130 Ctrl-C, nothing written; 141 nobody reads the output.
"""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from . import __version__
from .errors import UserError

BAD_INPUT = 2
INTERRUPTED = 130
FEW_COLLECTIONS = 50_000  # loading makes many objects and no garbage, and looking for garbage slows a short run
UNREAD = 141  # as a shell reports a program that was ended by a pipe without a reader


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    gc.set_threshold(FEW_COLLECTIONS)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        arguments = _parser().parse_args(argv)
        from . import commands  # after parsing, so that --help and a misspelt word answer at once

        code = commands.RUN[arguments.command](arguments)
        sys.stdout.flush()
    except UserError as error:
        print(f"trivium: {error}", file=sys.stderr)
        return BAD_INPUT
    except EOFError:
        print("\ntrivium: the input was closed before the last answer; nothing was written.", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # What reads the output, such as head, has seen enough; nothing is left to be flushed into the pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except KeyboardInterrupt:
        print("\ntrivium: interrupted; nothing was written.", file=sys.stderr)
        return INTERRUPTED
    return code or 0


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt  # SIGTERM cleans up the way Ctrl-C does


class Parser(argparse.ArgumentParser):
    """Argparse, with its errors in one sentence like all others."""

    @property
    def arguments(self) -> list[argparse.Action]:
        """Everything it takes, for completion.py; argparse has no public name for it."""
        return self._actions

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise UserError(f"{message[:1].upper()}{message[1:]}; see trivium --help.")


class _PrintCompletion(argparse.Action):
    """Prints and ends, as --version does; nothing of it is loaded otherwise."""

    def __call__(
        self, parser: argparse.ArgumentParser, _namespace: object, values: Any, _option: str | None = None
    ) -> None:
        from . import completion

        if isinstance(parser, Parser):
            print(completion.script(parser, values))
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="trivium", description="Recommend Python, Go or Java for a service, and render it.")
    parser.add_argument("--version", action="version", version=f"trivium {__version__}")
    parser.add_argument(
        "--print-completion", action=_PrintCompletion, choices=["bash", "zsh", "tcsh"], help="print a shell's script"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)

    answers = Parser(add_help=False)
    answers.add_argument(
        "--preset", metavar="NAME", help="the answers of a common kind of service; see trivium presets"
    )
    answers.add_argument(
        "--answers", type=Path, metavar="FILE", help="a YAML file of answers, - for standard input; overrules --preset"
    )
    answers.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="one answer; repeatable, overrules all"
    )

    answers.add_argument(
        "--policy",
        metavar="FILE|URL",
        help="an organisation's policy; also from TRIVIUM_POLICY or the configuration folder",
    )

    new = commands.add_parser("new", parents=[answers], help="ask, recommend, render a service")
    new.add_argument("destination", nargs="?", type=Path, metavar="DEST", help="a folder that does not exist yet")
    new.add_argument("--language", choices=["auto", "python", "go", "java"], help="auto: the recommended one")
    new.add_argument(
        "--diff",
        action="append",
        metavar="KEY=VALUE",
        help="write nothing; show what this answer would change in the files",
    )
    new.add_argument("--yes", action="store_true", help="ask nothing; take defaults for what is not given")

    recommend = commands.add_parser("recommend", parents=[answers], help="recommend a language and say why")
    recommend.add_argument("--json", action="store_true", help="print one JSON object")
    recommend.add_argument("--html", type=Path, metavar="FILE", help="write a page for a browser too")
    recommend.add_argument(
        "--from", dest="service", type=Path, metavar="DIR", help="a rendered service: weigh its answers again"
    )

    reassess = commands.add_parser("reassess", help="weigh a service again by what it shows under load")
    reassess.add_argument("service", type=Path, metavar="DIR", help="a rendered service's folder")
    reassess.add_argument(
        "--load-report",
        action="append",
        required=True,
        type=Path,
        metavar="FILE",
        help="a scrape of its /metrics, or the JSON summary of k6 or Locust; - for standard input; repeatable",
    )
    reassess.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="one answer; repeatable, overrules the report"
    )
    reassess.add_argument("--policy", metavar="FILE|URL", help="an organisation's policy")
    reassess.add_argument("--json", action="store_true", help="print one JSON object")

    slo = commands.add_parser("slo", help="write a service's alerts and dashboard anew from its slo.yaml")
    slo.add_argument("directory", nargs="?", type=Path, metavar="DIR", help="the service's folder; the current one")
    slo.add_argument("--check", action="store_true", help="write nothing; exit with 1 where something is out of date")

    policy = commands.add_parser("policy", help="check a policy, or print its JSON Schema")
    policy.add_argument("action", choices=["check", "schema"])
    policy.add_argument("place", nargs="?", metavar="FILE|URL")

    commands.add_parser("presets", help="list the presets and what they lead to")

    verify = commands.add_parser("verify", help="check a running service by the readiness suite")
    place = verify.add_mutually_exclusive_group()
    place.add_argument("directory", nargs="?", type=Path, metavar="DIR", help="the service's folder; the current one")
    place.add_argument("--service", type=Path, metavar="FILE", help="a service file, for a service of other making")
    verify.add_argument("--only", metavar="A1,C2", help="these checks or sections alone")
    verify.add_argument("--list", action="store_true", help="list the checks and who demands them")
    verify.add_argument("--json", action="store_true", help="print the scorecard as one JSON object")
    verify.add_argument("--junit", type=Path, metavar="FILE", help="write the scorecard as JUnit XML too")
    return parser
