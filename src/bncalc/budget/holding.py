"""Holding: each number of a design against its limits and its past, and the line to say it at."""

from __future__ import annotations

from collections.abc import Sequence
from posixpath import normpath

from bncalc.analysis.metric import METRICS
from bncalc.budget.budgets import BaseRules, Budget, Limit
from bncalc.budget.decision import Amount, Decision, decide, worse
from bncalc.budget.designs import Key, MeasuredDesign
from bncalc.budget.parts import paths
from bncalc.budget.past import Before, Departure, Past
from bncalc.budget.suggestions import CheckSource
from bncalc.budget.unknown import unheld
from bncalc.budget.verdict import Check, Status
from bncalc.change.explanation import Changed, changed, explain
from bncalc.change.snapshot import short_label
from bncalc.change.version import Version
from bncalc.named import NamedTuple
from bncalc.quantity import exact, first_few

_MISSING: dict[str, Status] = {"pass": "skip", "warn": "warn", "fail": "fail"}
_SEVERITY: dict[Status, int] = {"pass": 0, "skip": 0, "warn": 1, "fail": 2}


class HeldNumber(NamedTuple):
    """A number of a design or of a part of it, what it is held to, and what the base had."""

    budget: Budget
    limit: Limit
    design: MeasuredDesign
    path: str
    before: Before

    @property
    def amount(self) -> Amount:
        """What it is, and the whole that shares are of."""
        amount = self.design.numbers.amount(self.limit.metric, self.path)
        assert amount is not None, self.path
        return amount

    @property
    def former(self) -> Amount | None:
        """What it was, None where the base has no such number."""
        numbers = self.before.numbers
        return numbers.amount(self.limit.metric, self.path) if numbers else None

    def gone(self) -> list[str]:
        """Return the parts that its budget was for and that are there no more."""
        if not self.before.numbers:
            return []
        kept = set(paths(self.budget, self.design.numbers.report))
        return [path for path in paths(self.budget, self.before.numbers.report) if path not in kept]


class Holder:
    """Holds designs to budgets.

    `new_only` forgives what the base broke no less, `allow_uncounted` operations of unknown cost.
    """

    def __init__(
        self, rules: BaseRules, past: Past, *, new_only: bool = False, allow_uncounted: bool = False
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
        numbers = [
            HeldNumber(budget, limit, design, path, self.past.of(design))
            for design in designs
            for path in paths(budget, design.numbers.report)
            for limit in budget.limits
        ]
        return unknown + [
            CheckSource(self._check(number, departures), budget, number.limit, number.design)
            for number in numbers
        ]

    def _check(self, number: HeldNumber, departures: tuple[Departure, ...]) -> Check:
        """Hold one number to one limit."""
        budget, limit, design, path, before = number
        decision, was = self._decided(number, departures)
        value = number.amount.value
        check = design.check(budget, limit, decision, value, budget.scope, path)._replace(base=was)
        return check if check.status in ("pass", "skip") else self._explained(check, design, before)

    def _decided(
        self, number: HeldNumber, departures: tuple[Departure, ...]
    ) -> tuple[Decision, int | None]:
        """Decide on a number, and return what it was in the base."""
        before, was = number.before, number.former
        if number.limit.kind != "growth":
            return self._limited(number), was.value if was else None
        if was is not None:
            return self._grown(number, was.value), was.value
        if before.is_code:
            return Decision("BN202", "fail", None, "missing: fail", before.reason), None
        if before.is_new and (old := self.past.predecessors(number.design, departures)):
            return self._renamed(number, old)
        if gone := number.gone():
            return self._moved(number, gone)
        return self._new(before.reason or "it is new: the base has no part of this name"), None

    def _grown(self, number: HeldNumber, was: int) -> Decision:
        return decide(number.limit, Amount(number.amount.value, was), self.rules.ignore_below)

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
        self, number: HeldNumber, departures: tuple[Departure, ...]
    ) -> tuple[Decision, int | None]:
        """Hold a new design as if it were one that is gone: as the smallest, for it may be any."""
        former = [self.past.was(departure, number.design) for departure in departures]
        known = [each.part(number.limit.metric, number.path) for each in former if each is not None]
        names = [departure.name for departure in departures]
        reason = f"{number.design.alone} is new, and {self._gone(names)}"
        return self._succeeded(number, known, reason)

    def _moved(self, number: HeldNumber, gone: list[str]) -> tuple[Decision, int | None]:
        """Hold a new part of a design as if it were one that is gone."""
        assert number.before.numbers is not None
        known = [number.before.numbers.part(number.limit.metric, path) for path in gone]
        return self._succeeded(number, known, f"this part is new, and {self._gone(gone)}")

    def _succeeded(
        self, number: HeldNumber, known: Sequence[int | None], reason: str
    ) -> tuple[Decision, int | None]:
        """Return the decision on a number that follows one of several; growth from any fails."""
        numbers = [value for value in known if value is not None]
        if self.rules.missing != "fail" and numbers and len(numbers) == len(known):
            least = min(numbers)
            decision = self._grown(number, least)
            if decision.status != "fail":
                return decision, least
            unit = METRICS[number.limit.metric].unit
            before, now = exact(least, unit), exact(number.amount.value, unit)
            reason += f": from {before} to {now}, if it was renamed"
        return Decision("BN202", "fail", None, "missing: fail", reason), None

    def _gone(self, names: Sequence[str]) -> str:
        """Say what of the base is not there any more."""
        label = short_label(self.past.base) if self.past.base else ""
        return f"{first_few(names)} of {label} {'is' if len(names) == 1 else 'are'} gone"

    # Limits

    def _limited(self, number: HeldNumber) -> Decision:
        """Hold a number to its limit; with `new_only` skip what the base broke no less."""
        limit, now, then = number.limit, number.amount, number.former
        decision = decide(limit, now)
        if not self.new_only or then is None or decision.status == "pass":
            return decision
        as_bad = _SEVERITY[decide(limit, then).status] >= _SEVERITY[decision.status]
        if not as_bad or worse(limit, now, then, self.rules.ignore_below):
            return decision
        had = exact(then.value, METRICS[limit.metric].unit)
        reason = f"the base already broke it, with {had}, and it has not got worse"
        return decision._replace(status="skip", reason=reason)


_MOST = 100
"""As many findings of one design are explained; each looks at all of its layers."""


class Findings:
    """Explains the findings of one design; the difference to the base is worked out once."""

    def __init__(self, new: Version, old: Version | None) -> None:
        self.new = new
        self.old = old
        self._left = _MOST
        self._changed: Changed | None = None

    def explained(self, check: Check) -> Check:
        """Return a finding with its why and its place, or as it is where there were too many.

        What is not in a file of the caller's, as a shipped model is, has no line.
        """
        if not self._left:
            return check
        self._left -= 1
        if self._changed is None:
            self._changed = changed(self.old, self.new)
        path = check.subject.path
        why, place = explain(self.new, self.old, check.metric, path, self._changed)
        if check.location.path not in (self.new.model.files if self.new.model else ()):
            return check._replace(why=why)
        place = place._replace(path=normpath(place.path))  # of an included file: models/../parts/…
        return check._replace(why=why, location=place)
