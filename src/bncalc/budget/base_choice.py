"""The base that growth is measured from, as the call, the environment or the file names it."""

from __future__ import annotations

import os
from pathlib import Path

from bncalc.budget.budgets import BaseRules
from bncalc.change.snapshot import Base, named
from bncalc.errors import Problem, SpecError, UsageError


def resolve(given: str | None, configured: BaseRules, folder: Path) -> Base | None:
    """Return the base that the call, the environment or the budget file names, in this order.

    A name is a git ref (then the base is its merge-base with HEAD), a folder, or a report that ends
    in `.json`; what the budget file names is seen from its `folder`. Raises UsageError for one that
    leads nowhere, SpecError with its place where it is written in the file.
    """
    target = os.environ.get("GITHUB_BASE_REF")
    names = (
        given,
        os.environ.get("BNCALC_BASE"),
        target and f"origin/{target}",
        os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
    )
    if name := next((one for one in names if one), None):
        return named(name, Path())
    if configured.ref is None:
        return None
    try:
        return named(configured.ref, folder)
    except UsageError as error:
        raise SpecError([Problem(configured.location, f"base: {error}")]) from None
