"""`bncalc check`: budgets kept or broken."""

from __future__ import annotations

import sys
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from bncalc.cli.analyses import ChipOption, Deployed, chip
from bncalc.cli.budgets import Limits, Replaced, budgets_of
from bncalc.cli.ignored_options import given, named, refuse_ignored
from bncalc.cli.messages import complain
from bncalc.cli.sharing import sharing
from bncalc.errors import UsageError, hint_for
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from bncalc.budget.budgets import Budgets
    from bncalc.budget.verdict import Verdict
    from bncalc.mending.fix import Fix


class FailOn(StrEnum):
    """What makes the exit code 1."""

    error = "error"
    warn = "warn"


_LIMIT = "METRIC=QUANTITY"


@sharing
def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[BUDGETS|MODEL]...",
            help="A budget file, or the models to check; without either, all models of the budget.",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            metavar="FILE",
            envvar="BNCALC_BUDGET",
            help="The budget file, in place of the bncalc.budget.yaml here or above.",
        ),
    ] = None,
    most: Annotated[
        list[str] | None,
        typer.Option(
            "--max", metavar=_LIMIT, help="A limit, in place of a budget file: macs=315M."
        ),
    ] = None,
    least: Annotated[
        list[str] | None, typer.Option("--min", metavar=_LIMIT, help="A lower bound.")
    ] = None,
    growth: Annotated[
        list[str] | None,
        typer.Option(
            "--max-growth", metavar=_LIMIT, help="A limit on growth over the base: params=1%."
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF|FILE|DIR", help="What to compare with: a git ref, a JSON report, a folder."
        ),
    ] = None,
    new_only: Annotated[
        bool, typer.Option("--new-only", help="Forgive limits that the base already breaks.")
    ] = False,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            "--fail-on", metavar="error|warn", help="The level from which the exit code is 1."
        ),
    ] = FailOn.error,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 even if a budget is broken.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Let a pattern match nothing.")
    ] = False,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Let torch: models run their Python code.")
    ] = False,
    allow_uncounted: Annotated[
        bool,
        typer.Option(
            "--allow-uncounted", help="Let operations whose cost is not known count as nothing."
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show only what is broken, one line each.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Show every check, passed ones included.")
    ] = False,
    input: Annotated[
        str | None, typer.Option(metavar="C,H,W", help="The input, in place of the files'.")
    ] = None,
    batch: Annotated[int | None, typer.Option(min=1, metavar="N", help="Images at a time.")] = None,
    dtype: Annotated[
        str | None, typer.Option(metavar="TYPE", help="Type of weights and maps.")
    ] = None,
    activation_dtype: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help="Type of the maps, if not that of the weights."),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(metavar="POLICY", help="How maps share memory; switches may follow."),
    ] = None,
    fold_norm: Annotated[
        bool, typer.Option("--fold-norm", help="Fold each batch norm into the layer before it.")
    ] = False,
    optimizer: Annotated[
        str | None, typer.Option(metavar="NAME", help="The optimiser assumed for training memory.")
    ] = None,
    checkpoint: Annotated[
        bool,
        typer.Option(
            "--checkpoint", help="Run each block again for the backward pass; saves memory."
        ),
    ] = False,
    no_fix: Annotated[
        bool, typer.Option("--no-fix", help="Do not look for edits that would mend a model.")
    ] = False,
    apply: Annotated[
        bool,
        typer.Option("--apply", help="Edit each broken model by its first fix, and check again."),
    ] = False,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            envvar="BNCALC_FORMAT",
            help="text, concise, json, markdown, github, gitlab, junit or sarif.",
        ),
    ] = "text",
    reports: Annotated[
        list[str] | None,
        typer.Option(
            "--report", metavar="FORMAT=FILE", help="Write another form to a file. Repeatable."
        ),
    ] = None,
    device: ChipOption = None,
    *,
    deployed: Deployed,
) -> None:
    """Check models against budgets: exit 0 if they are kept, 1 if one is broken.

    The budgets are those of bncalc.budget.yaml, or of the call. With `--device` the RAM and flash
    of a microcontroller are the limits.

    Examples:
    bncalc check
    bncalc check model.yaml --max params=4M --max macs=320M
    bncalc check mlperf_tiny_vww --device stm32f746
    bncalc check --base origin/main --format github --report junit=bncalc.xml
    """
    from bncalc.cli.answer import deliver
    from bncalc.render.verdict import SHOW_FIXES

    shown = _known_format("concise" if quiet and format == "text" else format)
    further = [_report(text) for text in reports or ()]
    limits = Limits(tuple(most or ()), tuple(least or ()), tuple(growth or ()), chip(device))
    budgets, only = budgets_of(targets or [], budget, limits)
    replaced = Replaced(
        input, batch, dtype, activation_dtype, policy, fold_norm, optimizer, checkpoint, deployed
    )
    if not any(limit.metric == "ram" for held in budgets.budgets for limit in held.limits):
        refuse_ignored("a check without a limit on RAM", given(deployed))
    if apply:
        refuse_ignored("--apply", named(no_fix=no_fix))
    if quiet:
        refuse_ignored("--quiet", named(all=every))
    forms = {shown, *(name for name, _ in further)}
    run = _Run(
        replaced.within(budgets), base, new_only, allow_empty, allow_code, allow_uncounted, only
    )
    verdict = run.verdict(fixes=not no_fix and bool(apply or forms & SHOW_FIXES))
    if apply and (edits := _edits(verdict)):
        _apply(edits)
        verdict = run.verdict(fixes=not no_fix and bool(forms & SHOW_FIXES))
    for name, path in further:
        deliver(_rendered(verdict, name, StringIO(), every), path)
    text = _rendered(verdict, shown, sys.stdout or StringIO(), every)
    deliver(text, commands=shown == "github")
    broken = verdict.failed or (fail_on is FailOn.warn and verdict.count("warn") > 0)
    if broken and not exit_zero:
        raise typer.Exit(1)


class _Run(NamedTuple):
    """A check that can be made again."""

    budgets: Budgets
    base: str | None
    new_only: bool
    allow_empty: bool
    allow_code: bool
    allow_uncounted: bool
    only: list[str]

    def verdict(self, *, fixes: bool) -> Verdict:
        from bncalc.budget.check import check
        from bncalc.cli.progress import Waiting

        with Waiting("looking for fixes") as progress:
            return check(
                self.budgets,
                base=self.base,
                new_only=self.new_only,
                allow_empty=self.allow_empty,
                allow_code=self.allow_code,
                allow_uncounted=self.allow_uncounted,
                only=self.only,
                fixes=fixes,
                progress=progress,
            )


# Edits


def _edits(verdict: Verdict) -> list[Fix]:
    """Return the first fix of each broken design; of those that edit one value, the first."""
    first: dict[tuple[str, str], Fix] = {}
    for check in verdict.checks:
        if check.status == "fail" and check.fixes:
            first.setdefault(check.subject[:2], check.fixes[0])
    return list({fix.location: fix for fix in reversed(first.values())}.values())


def _apply(edits: list[Fix]) -> None:
    """Edit the files, the last places first, and say on standard error what was done."""
    from bncalc.mending.edit import apply

    for fix in sorted(edits, key=lambda fix: fix.location, reverse=True):
        apply(fix)
        complain(f"{fix.location}: edited {fix.field} {fix.old} → {fix.new}")


# The answer


def _known_format(name: str) -> str:
    from bncalc.render.verdict import FORMATS

    if name not in FORMATS:
        hint = hint_for(name, FORMATS)
        raise UsageError(f"unknown format {name!r}{hint}")
    return name


def _report(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"--report {text}: write FORMAT=FILE, such as junit=bncalc.xml")
    return _known_format(name), path


def _rendered(verdict: Verdict, format: str, stream: TextIO, every: bool) -> str:
    from bncalc.render.verdict import FormContext, render

    return render(format, verdict, FormContext(stream, _from_the_top(), every))


def _from_the_top() -> str:
    """Return where we stand in the repository, with slashes; empty at its top, or without one."""
    from bncalc.work_tree import top_of

    here = Path.cwd()
    at = here.relative_to(top_of(here) or here).as_posix()
    return "" if at == "." else at
