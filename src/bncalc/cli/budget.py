"""`bncalc budget`: a budget file to begin with, or the present one tightened."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.errors import UsageError

if TYPE_CHECKING:
    from bncalc.opening.model import Model


class Action(StrEnum):
    """What to print."""

    init = "init"
    suggest = "suggest"


def budget(
    action: Annotated[
        Action,
        typer.Argument(
            metavar="ACTION",
            help="init: write a budget file for MODELs. suggest: the present one, tightened.",
            show_default=False,
        ),
    ],
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL|BUDGETS]...",
            help="For init, the models; for suggest, a budget file other than the default.",
            show_default=False,
        ),
    ] = None,
    headroom: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT",
            help="How far limits are above the present numbers: 10% for init, 0% for suggest.",
        ),
    ] = None,
) -> None:
    """Print a budget file; nothing is edited in place.

    Examples:
    bncalc budget init resnet50 mobilenet_v2
    bncalc budget init models/*.yaml --headroom 5% -o bncalc.budget.yaml
    bncalc budget suggest > new.yaml && mv new.yaml bncalc.budget.yaml
    """
    from bncalc.cli.answer import deliver

    if action is Action.init:
        text = _init(targets or [], _percent(headroom or "10%"))
    else:
        text = _suggest(targets or [], _percent(headroom or "0%"))
    deliver(text)


def _percent(text: str) -> Fraction:
    from bncalc.quantity import quantity

    try:
        found = quantity(text, "count")
    except ValueError:
        found = None
    if found is None or not found.share:
        raise UsageError(f"--headroom is {text!r}; it must be a percentage, such as 10%")
    return found.number


def _init(models: list[str], headroom: Fraction) -> str:
    from bncalc.analysis.measurement import measure
    from bncalc.budget.proposal import Proposed, proposal
    from bncalc.opening.model import expand, open_models

    if not models:
        raise UsageError("budget init needs a MODEL, such as models/*.yaml")
    names = {str(name): name for name in expand(models)}
    opened = [model for name in names.values() for model in open_models(name)]
    return proposal(
        (
            Proposed(_own(model), tuple(measure(graph) for graph in model.graphs))
            for model in opened
        ),
        headroom,
    )


def _own(model: Model) -> str:
    """Return the name of a variant alone: limits for the largest let small ones grow unseen."""
    if model.variant is not None and model.name.path.endswith((".yaml", ".yml")):
        return str(model.name._replace(part=model.variant))
    return str(model.name)


def _suggest(targets: list[str], headroom: Fraction) -> str:
    from bncalc.budget.check import check
    from bncalc.budget.proposal import tightened
    from bncalc.budget.reader import find, read_budgets

    if len(targets) > 1:
        raise UsageError(f"budget suggest takes one budget file, not {', '.join(targets)}")
    path = targets[0] if targets else find()
    budgets = read_budgets(path)
    without_growth = budgets._replace(
        budgets=tuple(
            one._replace(limits=tuple(limit for limit in one.limits if limit.kind != "growth"))
            for one in budgets.budgets
        )
    )
    with open(path, encoding="utf-8-sig", newline="") as opened:  # noqa: PTH123
        text = opened.read()
    return tightened(text, path, check(without_growth, fixes=False), headroom)
