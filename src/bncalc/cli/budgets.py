"""The budgets that a call of `bncalc check` means, and what it assumes in place of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bncalc.cli.analyses import Deployed, Trained
from bncalc.cli.options import Altered, Asked
from bncalc.errors import UsageError
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from bncalc.budget.budgets import Budgets
    from bncalc.model.device import Device


class Limits(NamedTuple):
    """The limits of a call, as METRIC=QUANTITY, and the device whose sizes are limits."""

    most: tuple[str, ...]
    least: tuple[str, ...]
    growth: tuple[str, ...]
    device: Device | None

    @property
    def texts(self) -> tuple[str, ...]:
        return (*self.most, *self.least, *self.growth)


def budgets_of(targets: list[str], budget: str | None, limits: Limits) -> tuple[Budgets, list[str]]:
    """Return the budgets that a call means, and the models that it narrows them to.

    A device beside a budget file is one more budget for the models of each.
    """
    from bncalc.budget.budgets import Budgets
    from bncalc.budget.command_line import inline, with_device
    from bncalc.budget.reader import find, is_budgets, read_budgets

    files = [target for target in targets if is_budgets(target)]
    models = [target for target in targets if target not in files]
    if len(files) + (budget is not None) > 1:
        raise UsageError(f"one budget file at a time: {', '.join([*files, budget or ''])}")
    named = budget or next(iter(files), None)
    if limits.texts and named:
        raise UsageError(f"give limits by {named} or by --max and the like, not both")
    if not named and models and (limits.texts or limits.device):
        return Budgets("", (inline(models, *limits),)), []
    if limits.texts:
        raise UsageError("--max and the like need a MODEL to check")
    budgets = read_budgets(named or find())
    return (with_device(budgets, limits.device) if limits.device else budgets), models


class Replaced(NamedTuple):
    """What a call assumes in place of what the budget file does."""

    input: str | None
    batch: int | None
    dtype: str | None
    activation_dtype: str | None
    policy: str | None
    fold_norm: bool
    optimizer: str | None
    checkpoint: bool
    deployed: Deployed

    def within(self, budgets: Budgets) -> Budgets:
        """Return the budgets with it; raise UsageError for what cannot be."""
        assumed = budgets.assumptions
        target = self.deployed.target(assumed.target)
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
