"""Holding: each number of a design against each of its limits, and against its past."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.analysis.metric import METRICS
from bncalc.budget.budgets import BaseRules, Budget, Limit
from bncalc.budget.decision import Amount, Decision, decide, worse
from bncalc.budget.designs import Key, MeasuredDesign
from bncalc.budget.findings import Findings
from bncalc.budget.parts import PartNumbers, paths
from bncalc.budget.past import Before, Departure, Past
from bncalc.budget.suggestions import CheckSource
from bncalc.budget.unknown import unheld
from bncalc.budget.verdict import Check, Status, Subject
from bncalc.change.snapshot import short_label
from bncalc.errors import Location
from bncalc.quantity import exact, first_few

_MISSING: dict[str, Status] = {"pass": "skip", "warn": "warn", "fail": "fail"}
_SEVERITY: dict[Status, int] = {"pass": 0, "skip": 0, "warn": 1, "fail": 2}


class Holder:
    """Holds designs to budgets.

    `new_only` forgives what the base broke no less, `allow_uncounted` operations of unknown cost.
    """

    def __init__(
        self,
        rules: BaseRules,
        past: Past,
        *,
        new_only: bool = False,
        allow_uncounted: bool = False,
    ) -> None:
        self.rules = rules
        self.past = past
        self.new_only = new_only
        self.allow_uncounted = allow_uncounted
        self._findings: dict[Key, Findings] = {}

    def checks(self, budget: Budget, designs: Sequence[MeasuredDesign]) -> list[CheckSource]:
        """Return every check of a budget, the parts of each design in running order."""
        departures = self.past.departures(budget, designs)
        unknown = [] if self.allow_uncounted else list(unheld(budget, designs))
        return unknown + [
            CheckSource(self._check(budget, limit, design, path, departures), budget, limit, design)
            for design in designs
            for path in paths(budget, design.numbers.report)
            for limit in budget.limits
        ]

    def _check(
        self,
        budget: Budget,
        limit: Limit,
        design: MeasuredDesign,
        path: str,
        departures: tuple[Departure, ...],
    ) -> Check:
        """Hold one number to one limit."""
        before = self.past.of(design)
        decision, was = self._decided(budget, limit, design, path, before, departures)
        weaker = (decision.status, budget.level) == ("fail", "warn")
        check = Check(
            rule=decision.rule,
            budget=budget.name,
            subject=Subject(design.model, design.name, budget.scope, path),
            metric=limit.metric,
            status="warn" if weaker else decision.status,
            value=_part(limit, path, design.numbers),
            bound=decision.bound,
            written=decision.written,
            base=was,
            location=Location(design.alone.path),
            budget_location=limit.location,
            message=budget.message,
            reason=decision.reason,
            device=design.device_of(limit.metric),
        )
        return check if check.status in ("pass", "skip") else self._explained(check, design, before)

    def _decided(
        self,
        budget: Budget,
        limit: Limit,
        design: MeasuredDesign,
        path: str,
        before: Before,
        departures: tuple[Departure, ...],
    ) -> tuple[Decision, int | None]:
        """Decide on a number, and return what it was in the base."""
        value = _part(limit, path, design.numbers)
        was = before.numbers.part(limit.metric, path) if before.numbers else None
        if limit.kind != "growth":
            return self._limited(limit, design.numbers, path, before), was
        if was is not None:
            return decide(limit, Amount(value, was), self.rules.ignore_below), was
        if before.is_code:
            return Decision("BN202", "fail", None, "missing: fail", before.reason), None
        if before.is_new and (old := self.past.predecessors(design, departures)):
            return self._renamed(limit, design, path, old)
        if before.numbers and (gone := _gone_parts(budget, design.numbers, before.numbers)):
            return self._moved(limit, value, before.numbers, gone)
        return self._new(before.reason or "it is new: the base has no part of this name"), None

    def _explained(self, check: Check, design: MeasuredDesign, before: Before) -> Check:
        key = design.key
        if key not in self._findings:
            self._findings[key] = Findings(design.version, before.version)
        return self._findings[key].explained(check)

    # Growth of what has no past under its name

    def _new(self, reason: str) -> Decision:
        missing = self.rules.missing
        return Decision("BN202", _MISSING[missing], None, f"missing: {missing}", reason)

    def _renamed(
        self, limit: Limit, design: MeasuredDesign, path: str, departures: tuple[Departure, ...]
    ) -> tuple[Decision, int | None]:
        """Hold a new design as if it were one that is gone: as the smallest, for it may be any."""
        numbers = [self.past.was(departure, design) for departure in departures]
        known = [before.part(limit.metric, path) for before in numbers if before is not None]
        names = [departure.name for departure in departures]
        reason = f"{design.alone} is new, and {self._gone(names)}"
        return self._succeeded(limit, design.numbers.part(limit.metric, path) or 0, known, reason)

    def _moved(
        self, limit: Limit, value: int, before: PartNumbers, gone: list[str]
    ) -> tuple[Decision, int | None]:
        """Hold a new part of a design as if it were one that is gone."""
        known = [before.part(limit.metric, path) for path in gone]
        reason = f"this part is new, and {self._gone(gone)}"
        return self._succeeded(limit, value, known, reason)

    def _succeeded(
        self, limit: Limit, value: int, known: Sequence[int | None], reason: str
    ) -> tuple[Decision, int | None]:
        """Return the decision on a number that follows one of several; growth from any fails."""
        numbers = [number for number in known if number is not None]
        if self.rules.missing != "fail" and numbers and len(numbers) == len(known):
            least = min(numbers)
            decision = decide(limit, Amount(value, least), self.rules.ignore_below)
            if decision.status != "fail":
                return decision, least
            before, now = (exact(number, METRICS[limit.metric].unit) for number in (least, value))
            reason += f": from {before} to {now}, if it was renamed"
        return Decision("BN202", "fail", None, "missing: fail", reason), None

    def _gone(self, names: Sequence[str]) -> str:
        """Say what of the base is not there any more."""
        label = short_label(self.past.base) if self.past.base else ""
        return f"{first_few(names)} of {label} {'is' if len(names) == 1 else 'are'} gone"

    # Limits

    def _limited(self, limit: Limit, numbers: PartNumbers, path: str, before: Before) -> Decision:
        """Hold a number to its limit; with `new_only` skip what the base broke no less."""
        now = Amount(_part(limit, path, numbers), numbers.whole(limit.metric))
        then = _amount(limit.metric, path, before.numbers) if before.numbers else None
        decision = decide(limit, now)
        if not self.new_only or then is None or decision.status == "pass":
            return decision
        as_bad = _SEVERITY[decide(limit, then).status] >= _SEVERITY[decision.status]
        if not as_bad or worse(limit, now, then, self.rules.ignore_below):
            return decision
        had = exact(then.value, METRICS[limit.metric].unit)
        reason = f"the base broke it already, with {had}, and it did not get worse"
        return decision._replace(status="skip", reason=reason)


def _part(limit: Limit, path: str, numbers: PartNumbers) -> int:
    """Return the number of a part that a budget is for."""
    value = numbers.part(limit.metric, path)
    assert value is not None, path
    return value


def _amount(metric: str, path: str, numbers: PartNumbers) -> Amount | None:
    value = numbers.part(metric, path)
    return None if value is None else Amount(value, numbers.whole(metric))


def _gone_parts(budget: Budget, now: PartNumbers, before: PartNumbers) -> list[str]:
    """Return the parts that a budget was for and that are there no more."""
    kept = set(paths(budget, now.report))
    return [path for path in paths(budget, before.report) if path not in kept]
