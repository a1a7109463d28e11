"""What the command's words do: `new`, `recommend`, `reassess`, `slo`, `presets`, each a straight line of steps."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from . import answers as answering
from . import (
    destination,
    equivalent,
    explanation,
    layout,
    model,
    naming,
    policy,
    policy_schema,
    presets,
    preview,
    rendering,
    report,
    revisit,
)
from .errors import UserError
from .recommendation import recommend


def run_recommend(arguments: Namespace) -> None:
    """Print the recommendation for the given answers, or for those of a rendered service."""
    rendered = revisit.read(arguments.service) if arguments.service else {}
    given = _given_answers(arguments, rendered)
    if not rendered:
        answering.check_together(given)
    recommendation = revisit.weigh(given) if rendered else recommend(given)
    if arguments.html:
        report.write(recommendation, arguments.html)
    if arguments.json:
        print(recommendation.to_json())
        return
    if rendered:
        print(f"{layout.wrap(revisit.describe(rendered, given, recommendation))}\n")
        if road := revisit.command(arguments.service, rendered, given, recommendation):
            print(f"  {road}\n")
    print(layout.wrap(explanation.explain(recommendation)))


def run_presets(_arguments: Namespace) -> None:
    """List the presets."""
    print(layout.wrap(presets.listing()))


def run_policy(arguments: Namespace) -> None:
    """Check a policy, or print what one may say."""
    if arguments.action == "schema":
        print(json.dumps(policy_schema.schema(), indent=2))
        return
    if not arguments.place:
        raise UserError("policy check needs a file or a URL: trivium policy check FILE.")
    policy.read(arguments.place)
    print(f"{arguments.place} is a valid policy.")


def run_new(arguments: Namespace) -> None:
    """Ask what is open (or take defaults with --yes), then render the service."""
    given = _with_language(_given_answers(arguments), arguments.language)
    target = destination.check(arguments.destination) if arguments.destination else None
    if arguments.yes:
        if target is None:
            raise UserError("--yes needs the folder to render into: trivium new DEST --yes.")
        complete = _complete(given, target)
    else:
        target, complete = _converse(given, target)
    if arguments.diff:
        print(preview.diff(complete, complete | _changed(arguments.diff), target.name), end="")
        return
    _write(target, complete)


def _given_answers(arguments: Namespace, rendered: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Put together what was given beforehand; each source overrules those before it."""
    preset = presets.answers(arguments.preset) if arguments.preset else {}
    file = answering.read(arguments.answers) if arguments.answers else {}
    given = answering.check({**rendered, **preset, **file, **answering.parse_settings(arguments.set)})
    return policy.lay_over(policy.find(arguments.policy), given)


def _with_language(given: dict[str, Any], language: str | None) -> dict[str, Any]:
    """Let --language overrule the answers; `auto` asks the recommendation instead."""
    if language == "auto":
        given.pop(answering.LANGUAGE, None)
    elif language:
        given[answering.LANGUAGE] = language
    answering.check_together(given)
    return given


def _converse(given: dict[str, Any], target: Path | None) -> tuple[Path, dict[str, Any]]:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            "There is no terminal to ask on; pass DEST and --yes, and answers by --answers FILE or --set key=value."
        )
    from . import conversation, prompts  # only here, since questionary takes its time to load

    prompts.check_terminal()
    target = target or prompts.ask_destination()
    return target, conversation.converse(given, target)


def _changed(settings: list[str]) -> dict[str, Any]:
    return answering.check(answering.parse_settings(settings))


def _complete(given: dict[str, Any], target: Path) -> dict[str, Any]:
    """Fill in what was not given: the recommended language, the default names."""
    complete = dict(given)
    if answering.LANGUAGE not in complete:
        recommendation = recommend(complete)
        print(layout.wrap(explanation.explain(recommendation)))
        complete[answering.LANGUAGE] = recommendation.recommended
    for name in naming.names(complete, target.name):
        if name.key not in complete:
            complete |= answering.check({name.key: name.default})
    return complete


def _write(target: Path, complete: dict[str, Any]) -> None:
    for remark in rendering.render(target, complete):
        print(f"note: {remark}")
    label = model.load().languages[complete[answering.LANGUAGE]]
    print(f"\n{complete['service_name']}, a {label} service, is in {target}. Next:\n")
    print(f"  cd {target}\n  make setup\n  make run\n")
    print("And what it answers, from another terminal:\n\n  curl http://localhost:8080/openapi.json\n")
    print("Why this language: docs/adr/0001-language.md. All verbs: make help.\n")
    print(f"The same again, without questions:\n  {equivalent.by_trivium(complete, target)}")
    print(f"or with plain Copier:\n  {equivalent.by_copier(complete, target)}")


def run_verify(arguments: Namespace) -> int:
    """Check a service by the readiness suite."""
    from .verify import command  # only here: nothing else needs what it loads

    return command.run(arguments)


def run_reassess(arguments: Namespace) -> None:
    """Weigh a service again by what it shows under load."""
    from .reassess import command  # only here, as above

    command.run(arguments)


def run_slo(arguments: Namespace) -> int:
    """Write a service's alerts and dashboard from its objectives."""
    from . import objectives  # only here, as above

    return objectives.run(arguments)


RUN: Mapping[str, Callable[[Namespace], int | None]] = {
    "new": run_new,
    "recommend": run_recommend,
    "reassess": run_reassess,
    "presets": run_presets,
    "policy": run_policy,
    "slo": run_slo,
    "verify": run_verify,
}
