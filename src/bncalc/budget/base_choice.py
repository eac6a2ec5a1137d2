"""The base that growth is measured from, as the call, the environment or the file names it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from posixpath import dirname

from bncalc.budget.budgets import BaseRules, Budgets
from bncalc.budget.coverage import Cover
from bncalc.budget.designs import MeasuredDesign
from bncalc.budget.reader import decode_budgets
from bncalc.change.commit import Commit
from bncalc.change.file_snapshot import FileSnapshot
from bncalc.change.pairing import snapshot
from bncalc.change.snapshot import Snapshot
from bncalc.errors import BncalcError, Problem, SpecError, UsageError
from bncalc.language.source import reading
from bncalc.named import NamedTuple
from bncalc.work_tree import leads_out


class ChosenBase(NamedTuple):
    """The base, the budgets that it had under the same name, and what there is to say of them."""

    snapshot: Snapshot | None = None
    budgets: Budgets | None = None
    remarks: tuple[str, ...] = ()
    growth: bool = False
    """Whether anything is measured against it."""


def choose(
    budgets: Budgets, given: str | None, new_only: bool, designs: Iterable[Iterable[MeasuredDesign]]
) -> ChosenBase:
    """Return the base of a check.

    If nothing needs one, what the file or the environment names is looked up all the same, for what
    has changed in the budgets and what is gone; then it may be missing, as in a shallow clone.
    Raises UsageError or SpecError if one is needed and cannot be found.
    """
    active = [budget for budget in budgets.budgets if budget.level != "off"]
    growth = any(limit.kind == "growth" for budget in active for limit in budget.limits)
    is_needed = bool(new_only or given or growth)
    if not (is_needed or budgets.path):
        return ChosenBase()
    try:
        base = resolve(given, budgets.base, Path(budgets.path).parent)
        if base is None and is_needed:
            hint = "give --base REF, or write `base: {ref: origin/main}` in the budget file"
            raise UsageError(f"growth, and what is new, are measured against a base; {hint}")
        if isinstance(base, Commit):
            base = _settled(base, budgets, designs)
        return ChosenBase(base, *_former(base, budgets), growth=is_needed)
    except BncalcError:
        if is_needed:
            raise
        return ChosenBase()


def resolve(given: str | None, configured: BaseRules, folder: Path) -> Snapshot | None:
    """Return the base that the call, the environment or the budget file names, in this order.

    A name is a git ref (then the base is its merge-base with HEAD), a folder, or a report that ends
    in `.json`; what the budget file names is seen from its `folder`. Raises UsageError for one that
    leads nowhere, SpecError with its place if it is written in the file.
    """
    target = os.environ.get("GITHUB_BASE_REF")
    names = (
        given,
        os.environ.get("BNCALC_BASE"),
        target and f"origin/{target}",
        os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
    )
    if name := next(filter(None, names), None):
        return snapshot(name, Path())
    if configured.ref is None:
        return None
    try:
        path = folder / configured.ref
        if path.exists() and leads_out(str(path), str(folder)):
            raise UsageError(f"{path} is outside the repository; --base may name it")
        return snapshot(configured.ref, folder)
    except UsageError as error:
        raise SpecError([Problem(configured.location, f"base: {error}")]) from None


# A base that is HEAD itself: of a push to main, say


def _settled(base: Commit, budgets: Budgets, designs: Iterable[Iterable[MeasuredDesign]]) -> Commit:
    """Return what to compare with if the base is HEAD itself: its parent, if nothing is edited."""
    if not base.is_head or _is_edited(base, budgets, designs):
        return base
    return base.parent()


def _is_edited(base: Commit, budgets: Budgets, designs: Iterable[Iterable[MeasuredDesign]]) -> bool:
    """Return whether the models or the budgets are not as they were committed."""
    covers = [Cover(budget.models, dirname(budgets.path)) for budget in budgets.budgets]
    names = map(base.name, base.gone())
    if any(cover.file(name) for name in names for cover in covers):
        return True
    models = [design.version.model for held in designs for design in held]
    paths = {path for model in models if model for path in (model.name.path, *model.files)}
    return base.is_edited([*paths, *budgets.devices, *([budgets.path] if budgets.path else [])])


# The budget file of the base


def _former(base: Snapshot | None, budgets: Budgets) -> tuple[Budgets | None, tuple[str, ...]]:
    """Return the budgets that the base had in the same file, and what is wrong with them."""
    if not isinstance(base, FileSnapshot) or not budgets.path:
        return None, ()
    file = base.at(budgets.path)
    if file is None:
        return None, ()
    if not base.content.exists(file):
        return None, (f"{budgets.path} is new: it is not in {base.label}",)
    try:
        former = decode_budgets(reading(base.content)(file), base.content, dirname(file))
    except SpecError as error:
        return None, (f"{budgets.path} was broken in the base: {error.problems[0]}",)
    return former._replace(path=budgets.path), ()
