"""The budgets that a call of `bncalc check` means, and what it assumes in place of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.analyses import CheckpointOption, Deployed, OptimizerOption, Trained
from bncalc.cli.options import ActivationDtypeOption, Altered, Asked, FoldNormOption
from bncalc.errors import UsageError
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from bncalc.budget.budgets import Budgets
    from bncalc.model.device import Device

_LIMIT = "METRIC=QUANTITY"


class Limits(NamedTuple):
    """The limits of a call, each METRIC=QUANTITY."""

    most: Annotated[
        list[str] | None,
        typer.Option(
            "--max",
            metavar=_LIMIT,
            help="An upper limit, instead of a budget file: macs=315M. Repeatable.",
        ),
    ] = None
    least: Annotated[
        list[str] | None, typer.Option("--min", metavar=_LIMIT, help="A lower limit. Repeatable.")
    ] = None
    growth: Annotated[
        list[str] | None,
        typer.Option(
            "--max-growth",
            metavar=_LIMIT,
            help="A limit on growth since the base: params=1%. Repeatable.",
        ),
    ] = None

    @property
    def texts(self) -> list[str]:
        return [text for texts in self for text in texts or ()]


def budgets_of(
    targets: list[str], budget: str | None, limits: Limits, device: "Device | None"
) -> "tuple[Budgets, list[str]]":
    """Return the budgets that a call means, and the models that it narrows them to.

    A device beside a budget file is one more budget for the models of each.
    """
    from bncalc.budget.budgets import Budgets
    from bncalc.budget.command_line import inline, with_device
    from bncalc.budget.reader import find, is_budgets, read_budgets

    files = [target for target in targets if is_budgets(target)]
    models = [target for target in targets if target not in files]
    given = [*files, *([budget] if budget is not None else [])]
    if len(given) > 1:
        raise UsageError(f"give one budget file, not {len(given)}: {', '.join(given)}")
    named = budget or next(iter(files), None)
    if limits.texts and named:
        raise UsageError(f"give limits with {named} or with --max and the like, not both")
    if not named and models and (limits.texts or device):
        most, least, growth = [texts or () for texts in limits]
        return Budgets("", (inline(models, most, least, growth, device),)), []
    if limits.texts:
        raise UsageError("--max and the like need a MODEL to check")
    budgets = read_budgets(named or find())
    return (with_device(budgets, device) if device else budgets), models


class Allowed(NamedTuple):
    """What a call lets pass that is a mistake otherwise."""

    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Allow patterns that match no file.")
    ] = False
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Allow torch: models to run their Python code.")
    ] = False
    allow_uncounted: Annotated[
        bool, typer.Option("--allow-uncounted", help="Count operations of unknown cost as zero.")
    ] = False


class Replaced(NamedTuple):
    """What a call assumes in place of what the budget file does."""

    input: Annotated[
        str | None, typer.Option(metavar="C,H,W", help="The input, instead of the files' own.")
    ] = None
    batch: Annotated[int | None, typer.Option(min=1, metavar="N", help="Images per batch.")] = None
    dtype: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help="Data type of weights and maps. One of {choices}."),
    ] = None
    activation_dtype: ActivationDtypeOption = None
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY", help="How maps share memory; switches may follow. One of {choices}."
        ),
    ] = None
    fold_norm: FoldNormOption = False
    optimizer: OptimizerOption = None
    checkpoint: CheckpointOption = False

    def within(self, budgets: "Budgets", deployed: Deployed) -> "Budgets":
        """Return the budgets with it; raise UsageError for what cannot be."""
        assumed = budgets.assumptions
        target = deployed.target(assumed.target)
        target = target._replace(dtype=self.dtype or target.dtype)
        on_chip = not budgets.path and any(budget.device for budget in budgets.budgets)
        asked = Asked(
            batch=self.batch or assumed.batch,
            dtype=self.dtype or (target.dtype if on_chip else assumed.dtype),
            activation_dtype=self.activation_dtype or assumed.activation_dtype,
            policy=self.policy or assumed.memory_policy.name,
            fold_norm=self.fold_norm or assumed.fold_norm,
        )
        further = Trained(
            optimizer=self.optimizer or assumed.optimizer,
            checkpoint=self.checkpoint or assumed.checkpoint,
        )
        input = Altered(input=self.input).sizes() or budgets.input
        assumptions = asked.assumptions(further)._replace(target=target).named()
        return budgets._replace(input=input, assumptions=assumptions)
