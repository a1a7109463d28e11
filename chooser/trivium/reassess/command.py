"""`trivium reassess DIR --load-report FILE`: the answers as they were given, as they are measured, and what follows."""

import json
from argparse import Namespace
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from trivium import answers as answering
from trivium import explanation, layout, policy, revisit
from trivium.errors import UserError
from trivium.recommendation import Recommendation

from . import derive, reports
from .figures import Figures, shown


def run(arguments: Namespace) -> None:
    """Print what was measured, where it differs from the answers, and the recommendation for what is measured."""
    rendered = revisit.read(arguments.service)
    figures: Figures = {}
    for path in arguments.load_report:
        figures = {**figures, **reports.read(path)}
    if derive.too_few(figures):
        raise UserError(
            f"The reports count {figures['requests']:.0f} requests; at least {derive.table()['least_requests']} are "
            "needed to say something. Measure for longer, or under the usual load."
        )
    derived = derive.answers(figures)
    measured = {each.criterion: each.answer for each in derived}
    given = answering.check({**rendered, **measured, **answering.parse_settings(arguments.set)})
    given = policy.lay_over(policy.find(arguments.policy), given)
    now = revisit.weigh(given)
    needs = derive.needs(figures, given)
    if arguments.json:
        print(_json(figures, derived, needs, now))
        return
    print(layout.wrap("\n".join([_heading(figures), *_measured(derived, rendered), *map(_held, needs), ""])))
    print(layout.wrap(revisit.describe(rendered, given, now)))
    if road := revisit.command(arguments.service, rendered, given, now):
        print(f"\n  {road}")
    print(f"\n{layout.wrap(explanation.explain(now))}")


def _json(
    figures: Figures, derived: Iterable[derive.Derived], needs: Iterable[derive.Kept], now: Recommendation
) -> str:
    whole = {
        "figures": figures,
        "measured": [asdict(each) for each in derived],
        "needs": [asdict(each) | {"kept": each.kept} for each in needs],
        "recommendation": asdict(now),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _heading(figures: Figures) -> str:
    rate, requests = figures.get("rate"), figures["requests"]
    over = f" in {requests / rate:.0f} s, on average" if rate else ""
    return f"Measured, {requests:.0f} requests{over}:"


def _measured(derived: Iterable[derive.Derived], rendered: Mapping[str, Any]) -> list[str]:
    return [f"  {shown(each.measure, each.value)}: {_against(each, rendered)}" for each in derived]


def _against(each: derive.Derived, rendered: Mapping[str, Any]) -> str:
    answered = rendered.get(each.criterion)
    if answered == each.answer:
        return f"{each.criterion} is {each.answer}, as answered"
    return f"{each.criterion} is {each.answer}, {f'answered was {answered}' if answered else 'which was not answered'}"


def _held(each: derive.Kept) -> str:
    asked = f"{each.criterion}={each.answer} asks for {shown(each.measure, each.most)} at most"
    verdict = "it holds" if each.kept else "IT DOES NOT HOLD, so find out why before you move"
    return f"  {each.measure} is {shown(each.measure, each.value)}; {asked}: {verdict}"
