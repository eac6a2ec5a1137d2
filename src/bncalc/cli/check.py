"""`bncalc check`: budgets kept or broken."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from bncalc.cli.analyses import ChipOption, Deployed, chip
from bncalc.cli.budgets import Allowed, Limits, Replaced, budgets_of
from bncalc.cli.ignored_options import given, named, refuse_ignored
from bncalc.cli.messages import complain
from bncalc.cli.sharing import sharing
from bncalc.errors import (
    CALL,
    BncalcError,
    Location,
    Problem,
    SpecError,
    UsageError,
    refuse_unknown,
)

if TYPE_CHECKING:
    from bncalc.budget.budgets import Budgets
    from bncalc.budget.verdict import Verdict
    from bncalc.mending.fix import Fix


class FailOn(StrEnum):
    """What makes the exit code 1."""

    error = "error"
    warn = "warn"


@sharing
def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[BUDGETS|MODEL]...",
            help="A budget file, or the models to check; with neither, all models of the budget.",
            show_default=False,
        ),
    ] = None,
    *,
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            metavar="FILE",
            envvar="BNCALC_BUDGET",
            help="The budget file, instead of the bncalc.budget.yaml here or in a folder above.",
        ),
    ] = None,
    limits: Limits,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF|FILE|DIR",
            help="What to compare with: a git ref, a JSON report, or a folder.",
        ),
    ] = None,
    new_only: Annotated[
        bool, typer.Option("--new-only", help="Ignore limits that the base already breaks.")
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
    allowed: Allowed,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show only what is broken, one line each.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Show every check, passed ones included.")
    ] = False,
    replaced: Replaced,
    no_fix: Annotated[
        bool, typer.Option("--no-fix", help="Do not look for edits that would fix a model.")
    ] = False,
    apply: Annotated[
        bool,
        typer.Option("--apply", help="Apply the first fix to each broken model, and check again."),
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
            "--report", metavar="FORMAT=FILE", help="Write another format to a file. Repeatable."
        ),
    ] = None,
    device: ChipOption = None,
    deployed: Deployed,
) -> None:
    """Check models against budgets: exit 0 if all are kept, 1 if one is broken.

    The budgets are those in bncalc.budget.yaml, or on the command line. With `--device`, the RAM
    and flash of a microcontroller are the limits.

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
    forms = {shown, *(name for name, _ in further)}
    with _telling_problems([(shown, None), *further]):
        budgets, only = budgets_of(targets or [], budget, limits, chip(device))
        if not any(limit.metric == "ram" for held in budgets.budgets for limit in held.limits):
            refuse_ignored("a check without a limit on RAM", given(deployed))
        if apply:
            refuse_ignored("--apply", named(no_fix=no_fix))
        if quiet:
            refuse_ignored("--quiet", named(all=every))
        judge = partial(
            _verdict,
            replaced.within(budgets, deployed),
            base=base,
            new_only=new_only,
            only=only,
            **allowed._asdict(),
        )
        verdict = judge(fixes=not no_fix and bool(apply or forms & SHOW_FIXES))
        if apply and (edits := _edits(verdict)):
            _apply(edits)
            verdict = judge(fixes=not no_fix and bool(forms & SHOW_FIXES))
    for name, path in further:
        deliver(_rendered(verdict, name, StringIO(), every), path)
    text = _rendered(verdict, shown, sys.stdout or StringIO(), every)
    deliver(text, commands=shown == "github")
    broken = verdict.failed or (fail_on is FailOn.warn and verdict.count("warn") > 0)
    if broken and not exit_zero:
        raise typer.Exit(1)


def _verdict(budgets: Budgets, **asked: Any) -> Verdict:
    """Check budgets, and say on standard error when that takes long."""
    from bncalc.budget.check import check
    from bncalc.cli.progress import Waiting

    with Waiting("looking for fixes") as progress:
        return check(budgets, progress=progress, **asked)


# Edits


def _edits(verdict: Verdict) -> list[Fix]:
    """Return the first fix of each broken design; of those that edit one value, the first."""
    first: dict[tuple[str, str], Fix] = {}
    for check in verdict.checks:
        if check.status == "fail" and check.fixes:
            first.setdefault(check.subject.whole, check.fixes[0])
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

    refuse_unknown("unknown format", name, FORMATS)
    return name


def _report(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"--report {text}: write FORMAT=FILE, such as junit=bncalc.xml")
    return _known_format(name), path


def _rendered(verdict: Verdict, format: str, stream: TextIO, every: bool) -> str:
    from bncalc.render.verdict import FormContext, render

    return render(format, verdict, FormContext(stream, _from_the_top(), every))


@contextmanager
def _telling_problems(outputs: list[tuple[str, str | None]]) -> Iterator[None]:
    """Write what is wrong in the formats that say so, and let the error go on.

    GitHub shows what is in no file, such as a mistake in the call; all others need a file.
    """
    try:
        yield
    except BncalcError as error:
        from bncalc.cli.answer import deliver
        from bncalc.render.verdict import TELL_PROBLEMS, refused

        stated = error.problems if isinstance(error, SpecError) else (Problem(CALL, str(error)),)
        in_files, others = list[Problem](), list[Problem]()
        for each in stated:
            if os.path.isfile(each.location.path):  # noqa: PTH113 - a Path fails for a long name
                in_files.append(each)
            else:
                others.append(_without_place(each))
        for name, path in outputs:
            told = [*in_files, *others] if name == "github" else in_files
            if name in TELL_PROBLEMS and told:
                deliver(refused(name, told, _from_the_top()), path, commands=name == "github")
        raise


def _without_place(problem: Problem) -> Problem:
    """Return a problem that is in no file; what it is about is in its message."""
    about = "" if problem.location == CALL else f"{problem.location}: "
    return Problem(Location(""), f"{about}{problem.message}")


def _from_the_top() -> str:
    """Return where we stand in the repository, with slashes; empty at its top, or without one."""
    from bncalc.work_tree import top_of

    here = Path.cwd()
    at = here.relative_to(top_of(here) or here).as_posix()
    return "" if at == "." else at
