"""The check: every number that a budget limits, held against its limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from bncalc.analysis.report import measure
from bncalc.budget.base import Absent, Base, resolve
from bncalc.budget.budgets import Budget, Budgets, Limit
from bncalc.budget.decision import Decision, Sides, decide, worse
from bncalc.budget.mending import Held, mended
from bncalc.budget.models import Named, covered
from bncalc.budget.parts import Numbers, parts, paths
from bncalc.budget.verdict import Check, Status, Subject, Verdict
from bncalc.errors import Location, Problem, SpecError, UsageError
from bncalc.language.model import Overrides, open_models


class Design(NamedTuple):
    """One design of a model; `source` is the name by which the base may have it too.

    `alone` is the name that opens this one alone.
    """

    model: str
    source: str
    alone: str
    name: str
    numbers: Numbers


class Past(NamedTuple):
    """What a design was in the base; where it has no numbers, the reason."""

    numbers: Numbers | None = None
    reason: str = ""


def check(
    budgets: Budgets,
    *,
    base: str | None = None,
    new_only: bool = False,
    allow_empty: bool = False,
    only: Sequence[str] = (),
) -> Verdict:
    """Hold models to their budgets, each of them opened and measured once.

    `base` names what growth is measured against, in place of what the environment and the file say;
    `new_only` forgives a limit that the base broke already; `only` leaves out all other models;
    `allow_empty` lets patterns match nothing. Raises SpecError for all that is wrong in the files,
    UsageError where the call is.
    """
    active = [one for one in budgets.budgets if one.level != "off"]
    covering = covered(active, budgets.path, allow_empty=allow_empty, only=only)
    designs = _opened((one for names in covering for one in names), budgets)
    found = _base(active, budgets, base, new_only)
    run = _Run(budgets, found, new_only)
    held: list[Held] = []
    for budget, names in zip(active, covering, strict=True):
        chosen = [design for one in names for design in designs[one.model]]
        if not (allow_empty or only):
            _refuse_idle(budget, chosen)
        held += [one for design in chosen for one in run.checks(budget, design)]
    source = budgets.path or "the command line"
    label = found.label if found else None
    return Verdict(source, budgets.assumptions, budgets.input, label, mended(held, budgets))


def _base(active: list[Budget], budgets: Budgets, given: str | None, new_only: bool) -> Base | None:
    """Return the base where anything needs one: without need git is left alone."""
    needed = new_only or any(limit.kind == "growth" for one in active for limit in one.limits)
    if not (needed or given):
        return None
    found = resolve(given, budgets.base.ref, Path(budgets.path).parent)
    if found is None:
        hint = "give --base REF, or write `base: {ref: origin/main}` in the budget file"
        raise UsageError(f"growth, and what is new, are measured against a base; {hint}")
    return found


def _opened(names: Iterable[Named], budgets: Budgets) -> dict[str, list[Design]]:
    """Open and measure every model once; raise one SpecError for all that is wrong."""
    found: dict[str, list[Design]] = {}
    problems: list[Problem] = []
    for name, location in names:
        if name not in found:
            found[name] = []
            try:
                found[name] += _designs(name, budgets)
            except SpecError as error:
                problems += error.problems
            except UsageError as error:
                problems.append(Problem(location, str(error)))
    if problems:
        raise SpecError(problems)
    return found


def _designs(name: str, budgets: Budgets) -> list[Design]:
    models = open_models(name, Overrides(input=budgets.input))
    found = []
    for model in models:
        for graph in model.graphs:
            source = name if len(models) == 1 else f"{name}#{graph.name}"
            numbers = Numbers(measure(graph, budgets.assumptions))
            alone = f"{name.partition('#')[0]}#{graph.name}" if model.alternatives else source
            found.append(Design(name, source, alone, graph.name, numbers))
    return found


def _refuse_idle(budget: Budget, designs: list[Design]) -> None:
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
        self._past: dict[tuple[str, str], Past] = {}

    def checks(self, budget: Budget, design: Design) -> list[Held]:
        past = self.past(design)
        chosen = paths(budget, design.numbers.report)
        return [
            Held(self.held(budget, limit, design, path, past), budget, limit, design.alone)
            for path in chosen
            for limit in budget.limits
        ]

    def past(self, design: Design) -> Past:
        key = (design.source, design.name)
        if key not in self._past:
            self._past[key] = Past() if self.base is None else self._found(self.base, design)
        return self._past[key]

    def _found(self, base: Base, design: Design) -> Past:
        overrides = Overrides(input=self.budgets.input)
        try:
            report = base.report(design.source, design.name, overrides, self.budgets.assumptions)
        except Absent:
            return Past(reason=f"it is new: not in {base.label}")
        except SpecError as error:  # a change must be able to mend what was broken
            return Past(reason=f"it was broken in the base: {error.problems[0]}")
        return Past(Numbers(report))

    def held(self, budget: Budget, limit: Limit, design: Design, path: str, past: Past) -> Check:
        """Hold one number to one limit."""
        value = design.numbers.part(limit.metric, path)
        assert value is not None, path
        before = past.numbers.part(limit.metric, path) if past.numbers else None
        if limit.kind == "growth":
            decision = self.grown(limit, value, before, past)
        else:
            now = Sides(value, design.numbers.whole(limit.metric))
            decision = decide(limit, now)
            if self.new_only and before is not None and past.numbers:
                then = Sides(before, past.numbers.whole(limit.metric))
                decision = self.forgiven(decision, limit, now, then)
        status = decision.status
        if status == "fail" and budget.level == "warn":
            status = "warn"
        return Check(
            decision.rule,
            budget.name,
            Subject(design.model, design.name, budget.scope, path),
            limit.metric,
            status,
            value,
            decision.bound,
            decision.written,
            before,
            Location(design.model.partition("#")[0]),
            limit.location,
            budget.message,
            decision.reason,
        )

    def grown(self, limit: Limit, value: int, before: int | None, past: Past) -> Decision:
        base = self.budgets.base
        if before is not None:
            return decide(limit, Sides(value, before), base.ignore_below)
        reason = past.reason or "it is new: the base has no part of this name"
        return Decision("BN202", _MISSING[base.missing], None, f"missing: {base.missing}", reason)

    def forgiven(self, decision: Decision, limit: Limit, now: Sides, then: Sides) -> Decision:
        """Skip what the base broke already, as long as it did not get worse."""
        ignored = self.budgets.base.ignore_below
        as_bad = _SEVERITY[decide(limit, then).status] >= _SEVERITY[decision.status]
        if decision.status == "pass" or not as_bad or worse(limit, now, then, ignored):
            return decision
        reason = f"the base broke it already, with {then.value:,}, and it did not get worse"
        return decision._replace(status="skip", reason=reason)


_MISSING: dict[str, Status] = {"pass": "skip", "warn": "warn", "fail": "fail"}
_SEVERITY: dict[Status, int] = {"pass": 0, "skip": 0, "warn": 1, "fail": 2}
