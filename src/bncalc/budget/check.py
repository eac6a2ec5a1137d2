"""The check: every number that a budget limits, held against its limit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bncalc.analysis.measurement import measure
from bncalc.analysis.metric import METRICS
from bncalc.budget.base_choice import resolve
from bncalc.budget.budgets import Budget, Budgets, Limit
from bncalc.budget.coverage import covered
from bncalc.budget.decision import Decision, Sides, decide, worse
from bncalc.budget.designs import Measured, analyses, measured
from bncalc.budget.findings import Findings
from bncalc.budget.parts import Numbers, parts, paths
from bncalc.budget.suggestions import Held, mended
from bncalc.budget.verdict import Check, Status, Subject, Verdict
from bncalc.change.snapshot import Absent, Base
from bncalc.change.versions import Side, in_base
from bncalc.errors import Location, Problem, SpecError, UsageError
from bncalc.model.graph import Graph


class Past(NamedTuple):
    """What a design was in the base; where it has no numbers, the reason."""

    numbers: Numbers | None = None
    side: Side | None = None
    reason: str = ""


def check(
    budgets: Budgets | str,
    *,
    base: str | None = None,
    new_only: bool = False,
    allow_empty: bool = False,
    only: Sequence[str] = (),
) -> Verdict:
    """Hold models to their budgets, each of them opened and measured once.

    Budgets may be the path of their file. `base` names what growth is measured against, in place of
    what the environment and the file say; `new_only` forgives a limit that the base broke already;
    `only` leaves out all other models; `allow_empty` lets patterns match nothing. Raises SpecError
    for all that is wrong in the files, UsageError where the call is.
    """
    if isinstance(budgets, str):
        from bncalc.budget.reader import read_budgets

        budgets = read_budgets(budgets)
    active = [one for one in budgets.budgets if one.level != "off"]
    covering = covered(active, budgets.path, allow_empty=allow_empty, only=only)
    designs = measured((one for names in covering for one in names), budgets)
    found = _base(active, budgets, base, new_only)
    run = _Run(budgets, found, new_only)
    held: list[Held] = []
    for budget, names in zip(active, covering, strict=True):
        chosen = [design for one in names for design in designs[one.model]]
        if not (allow_empty or only):
            _refuse_idle(budget, chosen)
        held += [made for one in chosen for made in run.checks(budget, one)]
    source = budgets.path or "the command line"
    label = found.label if found else None
    return Verdict(source, budgets.assumptions, budgets.input, label, mended(held, budgets))


def check_graph(graph: Graph, budgets: Budgets) -> Verdict:
    """Hold a graph to budgets, whichever models they name. It is in no file and so in no base."""
    name, report = graph.name, measure(graph, budgets.assumptions, analyses(budgets))
    made = Measured(name, name, name, Side(report), Numbers(report))
    run = _Run(budgets, None, new_only=False)
    checks = [one.check for budget in budgets.budgets for one in run.checks(budget, made)]
    return Verdict(budgets.path or "the call", budgets.assumptions, None, None, tuple(checks))


def _base(active: list[Budget], budgets: Budgets, given: str | None, new_only: bool) -> Base | None:
    """Return the base where anything needs one: without need git is left alone."""
    needed = new_only or any(limit.kind == "growth" for one in active for limit in one.limits)
    if not (needed or given):
        return None
    found = resolve(given, budgets.base, Path(budgets.path).parent)
    if found is None:
        hint = "give --base REF, or write `base: {ref: origin/main}` in the budget file"
        raise UsageError(f"growth, and what is new, are measured against a base; {hint}")
    return found


def _refuse_idle(budget: Budget, designs: list[Measured]) -> None:
    """Raise SpecError for patterns of parts that match nothing: a layer was renamed, say."""
    if not budget.match:
        return
    known = {path for one in designs for path in parts(one.numbers.report, budget.scope)}
    idle = [one for one in budget.match if not any(map(one.matches, known))]
    if idle:
        example = f"; there are {', '.join(sorted(known)[:3])} …" if known else ""
        what = f"no {budget.scope} of its models matches"
        raise SpecError(Problem(one.location, f"{what} {one.text!r}{example}") for one in idle)


class _Run:
    """Holds designs to budgets; each is looked up once in the base."""

    def __init__(self, budgets: Budgets, base: Base | None, new_only: bool) -> None:
        self.budgets = budgets
        self.base = base
        self.new_only = new_only
        self.analyses = analyses(budgets)
        self._past: dict[tuple[str, str], Past] = {}
        self._findings: dict[tuple[str, str], Findings] = {}

    def checks(self, budget: Budget, one: Measured) -> list[Held]:
        past = self.past(one)
        chosen = paths(budget, one.numbers.report)
        return [
            Held(self.held(budget, limit, one, path, past), budget, limit, one.alone)
            for path in chosen
            for limit in budget.limits
        ]

    def past(self, one: Measured) -> Past:
        key = (one.source, one.name)
        if key not in self._past:
            self._past[key] = Past() if self.base is None else self._found(self.base, one)
        return self._past[key]

    def _found(self, base: Base, one: Measured) -> Past:
        try:
            side = in_base(base, one.source, one.side, self.analyses)
        except Absent:
            return Past(reason=f"it is new: not in {base.label}")
        except SpecError as error:  # a change must be able to mend what was broken
            return Past(reason=f"it was broken in the base: {error.problems[0]}")
        return Past(Numbers(side.report), side)

    def held(self, budget: Budget, limit: Limit, one: Measured, path: str, past: Past) -> Check:
        """Hold one number to one limit."""
        value = one.numbers.part(limit.metric, path)
        before = past.numbers.part(limit.metric, path) if past.numbers else None
        assert value is not None, path
        if limit.kind == "growth":
            decision = self.grown(limit, value, before, past)
        else:
            decision = self.limited(limit, one.numbers, path, past)
        made = Check(
            decision.rule,
            budget.name,
            Subject(one.model, one.name, budget.scope, path),
            limit.metric,
            "warn" if (decision.status, budget.level) == ("fail", "warn") else decision.status,
            value,
            decision.bound,
            decision.written,
            before,
            Location(one.model.partition("#")[0]),
            limit.location,
            budget.message,
            decision.reason,
        )
        return made if made.status in ("pass", "skip") else self._explained(made, one, past)

    def _explained(self, made: Check, one: Measured, past: Past) -> Check:
        key = (one.source, one.name)
        if key not in self._findings:
            self._findings[key] = Findings(one.side, past.side)
        return self._findings[key].explained(made)

    def grown(self, limit: Limit, value: int, before: int | None, past: Past) -> Decision:
        base = self.budgets.base
        if before is not None:
            return decide(limit, Sides(value, before), base.ignore_below)
        reason = past.reason or "it is new: the base has no part of this name"
        return Decision("BN202", _MISSING[base.missing], None, f"missing: {base.missing}", reason)

    def limited(self, limit: Limit, numbers: Numbers, path: str, past: Past) -> Decision:
        """Hold a number to its limit; with `new_only` skip what the base broke no less."""
        now = _sides(limit.metric, path, numbers)
        then = _sides(limit.metric, path, past.numbers) if past.numbers else None
        assert now is not None, path
        decision = decide(limit, now)
        if not self.new_only or then is None or decision.status == "pass":
            return decision
        ignored = self.budgets.base.ignore_below
        as_bad = _SEVERITY[decide(limit, then).status] >= _SEVERITY[decision.status]
        if not as_bad or worse(limit, now, then, ignored):
            return decision
        unit = " B" if METRICS[limit.metric].unit == "bytes" else ""
        had = f"{then.value:,}{unit}"
        reason = f"the base broke it already, with {had}, and it did not get worse"
        return decision._replace(status="skip", reason=reason)


def _sides(metric: str, path: str, numbers: Numbers) -> Sides | None:
    value = numbers.part(metric, path)
    return None if value is None else Sides(value, numbers.whole(metric))


_MISSING: dict[str, Status] = {"pass": "skip", "warn": "warn", "fail": "fail"}
_SEVERITY: dict[Status, int] = {"pass": 0, "skip": 0, "warn": 1, "fail": 2}
