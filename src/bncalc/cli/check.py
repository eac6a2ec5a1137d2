"""`bncalc check`: budgets kept or broken."""

from __future__ import annotations

import sys
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TextIO

import typer

from bncalc.cli.options import Altered, Asked, Trained
from bncalc.errors import UsageError, instead

if TYPE_CHECKING:
    from bncalc.budget.budgets import Budgets
    from bncalc.budget.verdict import Verdict


class FailOn(StrEnum):
    """What makes the exit code 1."""

    error = "error"
    warn = "warn"


_LIMIT = "METRIC=QUANTITY"


def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[BUDGETS|MODEL]...",
            help="A budget file, or the models to check; all of the budget's without any.",
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
        typer.Option("--max", metavar=_LIMIT, help="A limit, in place of a budget file: macs=315M"),
    ] = None,
    least: Annotated[
        list[str] | None, typer.Option("--min", metavar=_LIMIT, help="A lower bound.")
    ] = None,
    growth: Annotated[
        list[str] | None,
        typer.Option("--max-growth", metavar=_LIMIT, help="Against the base: params=1%"),
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
        typer.Option("--fail-on", help="The level from which the exit code is 1: error or warn."),
    ] = FailOn.error,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 even if a budget is broken.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Let a pattern match nothing.")
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
        str | None, typer.Option(metavar="POLICY", help="How maps share memory; then switches.")
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
            "--report", metavar="FORMAT=FILE", help="Write another form to a file; can be repeated."
        ),
    ] = None,
) -> None:
    """Check models against budgets: exit 0 if they are kept, 1 if one is broken.

    The budgets are those of bncalc.budget.yaml, or of the call.

    Examples:
    bncalc check
    bncalc check model.yaml --max params=4M --max macs=320M
    bncalc check --base origin/main --format github --report junit=bncalc.xml
    """
    from bncalc.budget.check import check as hold
    from bncalc.cli.answer import deliver

    shown = _known_format("concise" if quiet and format == "text" else format)
    further = [_report(one) for one in reports or ()]
    found, only = _budgets(targets or [], budget, most or [], least or [], growth or [])
    replaced = Replaced(
        input, batch, dtype, activation_dtype, policy, fold_norm, optimizer, checkpoint
    )
    found = replaced.within(found)
    verdict = hold(found, base=base, new_only=new_only, allow_empty=allow_empty, only=only)
    for name, path in further:
        deliver(_rendered(verdict, name, StringIO(), every), path)
    text = _rendered(verdict, shown, sys.stdout or StringIO(), every)
    deliver(text, commands=shown == "github")
    broken = verdict.failed or (fail_on is FailOn.warn and verdict.count("warn") > 0)
    if broken and not exit_zero:
        raise typer.Exit(1)


def _budgets(
    targets: list[str],
    budget: str | None,
    most: list[str],
    least: list[str],
    growth: list[str],
) -> tuple[Budgets, list[str]]:
    """Return the budgets that a call means, and the models that it narrows them to."""
    from bncalc.budget.budgets import Budgets
    from bncalc.budget.command_line import inline
    from bncalc.budget.reader import find, is_budgets, read_budgets

    if most or least or growth:
        if budget:
            raise UsageError("limits stand in --budget or in --max, not in both")
        if not targets:
            raise UsageError("--max and the like need a MODEL to hold to them")
        return Budgets("", (inline(targets, most, least, growth),)), []
    files = [one for one in targets if is_budgets(one)]
    if len(files) + (budget is not None) > 1:
        raise UsageError(f"one budget file at a time: {', '.join([*files, budget or ''])}")
    path = budget or next(iter(files), None) or find()
    return read_budgets(path), [one for one in targets if one not in files]


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

    def within(self, budgets: Budgets) -> Budgets:
        """Return the budgets with it; raise UsageError for what cannot be."""
        assumed = budgets.assumptions
        asked = Asked(
            batch=self.batch or assumed.batch,
            dtype=self.dtype or assumed.dtype,
            activation_dtype=self.activation_dtype or assumed.activation_dtype,
            policy=self.policy or assumed.memory_policy.name,
            fold_norm=self.fold_norm or assumed.fold_norm,
        )
        further = Trained(
            optimizer=self.optimizer or assumed.optimizer,
            checkpoint=self.checkpoint or assumed.checkpoint,
        )
        input = Altered(input=self.input).sizes() or budgets.input
        return budgets._replace(input=input, assumptions=asked.assumptions(further))


# The answer


def _known_format(name: str) -> str:
    from bncalc.render.verdict import FORMATS

    if name not in FORMATS:
        hint = instead(name, FORMATS)
        raise UsageError(f"unknown format {name!r}{hint}")
    return name


def _report(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"--report {text}: write FORMAT=FILE, such as junit=bncalc.xml")
    return _known_format(name), path


def _rendered(verdict: Verdict, format: str, stream: TextIO, every: bool) -> str:
    from bncalc.render.verdict import Context, render

    return render(format, verdict, Context(stream, _from_the_top(), every))


def _from_the_top() -> str:
    """Return where we stand in the repository, with slashes; empty at its top, or without one."""
    from bncalc.work_tree import top_of

    here = Path.cwd()
    at = here.relative_to(top_of(here) or here).as_posix()
    return "" if at == "." else at
