"""`bncalc budget`: a budget file to begin with, or the present one tightened."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.analysis.assumptions import STANDARD
from bncalc.cli.messages import complain, tell
from bncalc.cli.options import OutputOption, input_of
from bncalc.errors import UsageError
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple

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
            help="init: write a budget file for MODELs. suggest: tighten the current one.",
            show_default=False,
        ),
    ],
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL|BUDGETS]...",
            help="For init: the models. For suggest: a budget file other than the default.",
            show_default=False,
        ),
    ] = None,
    headroom: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT",
            help="How far limits lie above the current numbers; 10% for init, 0% for suggest.",
        ),
    ] = None,
    input: Annotated[
        str | None,
        typer.Option(
            metavar="C,H,W", help="For init: the input of all models, written into the file."
        ),
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE",
            help="For init: the data type of weights and maps, written into the file. "
            "One of {choices}.",
        ),
    ] = None,
    output: OutputOption = None,
) -> None:
    """Print a new budget file, or the current one with tighter limits.

    Examples:
    bncalc budget init resnet50 mobilenet_v2
    bncalc budget init models/*.yaml --headroom 5% -o bncalc.budget.yaml
    bncalc budget suggest -o bncalc.budget.yaml
    """
    from bncalc.cli.answer import deliver

    if action is Action.init:
        assumed = Assumed(None if input is None else input_of(input), dtype)
        text = _init(targets or [], _percent(headroom or "10%"), assumed)
    elif input or dtype:
        raise UsageError("--input and --dtype are for budget init; a budget file has its own")
    else:
        text = _suggest(targets or [], _percent(headroom or "0%"))
    deliver(text, output)


class Assumed(NamedTuple):
    """What a new budget file assumes of all its models, where that is not the usual."""

    input: Shape | None = None
    dtype: str | None = None


def _percent(text: str) -> Fraction:
    from bncalc.quantity import quantity

    try:
        percentage = quantity(text, "count")
    except ValueError:
        percentage = None
    if percentage is None or not percentage.share:
        raise UsageError(f"--headroom is {text!r}; it must be a percentage, such as 10%")
    return percentage.number


def _init(models: list[str], headroom: Fraction, assumed: Assumed) -> str:
    from bncalc.analysis.measurement import measure
    from bncalc.budget.proposal import Proposed, proposal
    from bncalc.opening.lookup import expand
    from bncalc.opening.model import Overrides, open_models

    if not models:
        raise UsageError("budget init needs a MODEL, such as models/*.yaml")
    names = {str(name): name for name in expand(models)}
    overrides = Overrides(input=assumed.input)
    opened = [model for name in names.values() for model in open_models(name, overrides)]
    assumptions = STANDARD._replace(dtype=assumed.dtype or STANDARD.dtype)
    proposed = [
        Proposed(
            model=_own(model),
            reports=tuple([measure(graph, assumptions) for graph in model.graphs]),
            runs_code=model.name.is_torch,
        )
        for model in opened
    ]
    tell(opened)
    complain(*[f"note: {each.model}: {need}" for each in proposed for need in each.needs()])
    written = {key: value for key, value in assumed._asdict().items() if value is not None}
    return proposal(proposed, headroom, written)


def _own(model: Model) -> str:
    """Name each variant: a limit for the largest would let a small one grow unseen."""
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
    kept = [
        budget._replace(limits=tuple([limit for limit in budget.limits if limit.kind != "growth"]))
        for budget in budgets.budgets
    ]
    with open(path, encoding="utf-8-sig", newline="") as opened:  # noqa: PTH123
        text = opened.read()
    without_growth = budgets._replace(budgets=tuple(kept))
    return tightened(text, path, check(without_growth, fixes=False), headroom)
