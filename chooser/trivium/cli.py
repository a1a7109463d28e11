"""The command `trivium`: its words, its order of steps, its exit codes.

0 done; 2 bad input, one sentence on stderr and nothing written; 130 Ctrl-C, nothing written.
"""

import argparse
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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        arguments = _parser().parse_args(argv)
        if arguments.command == "recommend":
            return _recommend(arguments)
        return _new(arguments)
    except UserError as error:
        print(f"trivium: {error}", file=sys.stderr)
        return BAD_INPUT
    except (KeyboardInterrupt, EOFError):
        print("\ntrivium: interrupted; nothing was written.", file=sys.stderr)
        return INTERRUPTED


def _recommend(arguments: argparse.Namespace) -> int:
    from . import explanation
    from .recommendation import recommend

    recommendation = recommend(_given_answers(arguments))
    print(recommendation.to_json() if arguments.json else explanation.explain(recommendation))
    return 0


def _new(arguments: argparse.Namespace) -> int:
    from . import answers as answering
    from . import destination

    given = _given_answers(arguments)
    if arguments.language and arguments.language != "auto":
        given[answering.LANGUAGE] = arguments.language
    elif arguments.language == "auto":
        given.pop(answering.LANGUAGE, None)
    answering.check_language(given)
    target = destination.check(arguments.destination) if arguments.destination else None
    if arguments.yes:
        if target is None:
            raise UserError("--yes needs the folder to render into: trivium new DEST --yes.")
        complete = _complete(given, target)
    else:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UserError(
                "There is no terminal to ask on; pass DEST and --yes, and answers by --answers FILE or --set key=value."
            )
        from . import prompts

        target = target or prompts.ask_destination()
        complete = prompts.converse(given, target.name)
    return _write(target, complete)


def _complete(given: dict[str, Any], target: Path) -> dict[str, Any]:
    """Fill in what was not given: the recommended language, the default names."""
    from . import explanation, naming
    from . import answers as answering
    from .recommendation import recommend

    complete = dict(given)
    if answering.LANGUAGE not in complete:
        recommendation = recommend(complete)
        print(explanation.explain(recommendation))
        complete[answering.LANGUAGE] = recommendation.recommended
    for name in naming.names(complete, target.name):
        if name.key not in complete:
            complete |= answering.check({name.key: name.default})
    return complete


def _write(target: Path, complete: dict[str, Any]) -> int:
    from . import model, rendering

    remarks = rendering.render(target, complete)
    for remark in remarks:
        print(f"note: {remark}")
    label = model.load().languages[complete["language"]]
    print(f"\n{complete['service_name']}, a {label} service, is in {target}. Next:\n")
    print(f"  cd {target}\n  make setup\n  make run\n")
    print("Why this language: docs/adr/0001-language.md. All verbs: make help.")
    return 0


def _given_answers(arguments: argparse.Namespace) -> dict[str, Any]:
    from . import answers

    given = answers.read(arguments.answers) if arguments.answers else {}
    return answers.check(given | answers.parse_settings(arguments.set))


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt  # SIGTERM cleans up the way Ctrl-C does


class _Parser(argparse.ArgumentParser):
    """Argparse, with its errors in one sentence like all others."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[:1].upper()}{message[1:]}; see trivium --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="trivium", description="Recommend Python, Go or Java for a service, and render it.")
    parser.add_argument("--version", action="version", version=f"trivium {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    answers = argparse.ArgumentParser(add_help=False)
    answers.add_argument("--answers", type=Path, metavar="FILE", help="a YAML file of answers")
    answers.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="one answer; repeatable")

    new = commands.add_parser("new", parents=[answers], help="ask, recommend, render a service")
    new.add_argument("destination", nargs="?", type=Path, metavar="DEST", help="a folder that does not exist yet")
    new.add_argument("--language", choices=["auto", "python", "go", "java"], help="auto: the recommended one")
    new.add_argument("--yes", action="store_true", help="ask nothing; take defaults for what is not given")

    recommend = commands.add_parser("recommend", parents=[answers], help="recommend a language and say why")
    recommend.add_argument("--json", action="store_true", help="print one JSON object")
    return parser
