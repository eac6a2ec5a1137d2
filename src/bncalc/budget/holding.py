"""Holding: each number of a design against each of its limits, and against its past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bncalc.analysis.arena.deployment import Deployment
from bncalc.analysis.metric import METRICS
from bncalc.analysis.report import Report
from bncalc.analysis.training import Training
from bncalc.budget.budgets import BaseRules, Budget, Limit
from bncalc.budget.decision import Amount, Decision, decide, worse
from bncalc.budget.designs import Key, MeasuredDesign
from bncalc.budget.findings import Findings
from bncalc.budget.parts import PartNumbers, paths
from bncalc.budget.past import Before, Departure, Past
from bncalc.budget.suggestions import CheckSource
from bncalc.budget.verdict import Check, Status, Subject
from bncalc.change.snapshot import short_label
from bncalc.errors import Location
from bncalc.quantity import exact, first_few

_MISSING: dict[str, Status] = {"pass": "skip", "warn": "warn", "fail": "fail"}
_SEVERITY: dict[Status, int] = {"pass": 0, "skip": 0, "warn": 1, "fail": 2}
_MOST_NAMED = 3


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
        unknown: list[CheckSource] = []
        if not self.allow_uncounted:
            unknown = [*_uncounted(budget, designs), *_unknown(budget, designs)]
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
        value = design.numbers.part(limit.metric, path)
        was = before.numbers.part(limit.metric, path) if before.numbers else None
        assert value is not None, path
        if limit.kind != "growth":
            decision = self._limited(limit, design.numbers, path, before)
        elif was is not None:
            decision = decide(limit, Amount(value, was), self.rules.ignore_below)
        elif before.is_code:
            decision = Decision("BN202", "fail", None, "missing: fail", before.reason)
        elif before.is_new and (old := self.past.predecessors(design, departures)):
            decision, was = self._renamed(limit, design, path, old)
        elif before.numbers and (gone := _gone_parts(budget, design.numbers, before.numbers)):
            decision, was = self._moved(limit, value, before.numbers, gone)
        else:
            decision = self._new(before.reason or "it is new: the base has no part of this name")
        weaker = (decision.status, budget.level) == ("fail", "warn")
        check = Check(
            rule=decision.rule,
            budget=budget.name,
            subject=Subject(design.model, design.name, budget.scope, path),
            metric=limit.metric,
            status="warn" if weaker else decision.status,
            value=value,
            bound=decision.bound,
            written=decision.written,
            base=was,
            location=Location(design.alone.path),
            budget_location=limit.location,
            message=budget.message,
            reason=decision.reason,
            device=_device(limit, design),
        )
        return check if check.status in ("pass", "skip") else self._explained(check, design, before)

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
        names = ", ".join([departure.name for departure in departures[:_MOST_NAMED]])
        more = len(departures) - _MOST_NAMED
        names += f" and {more} more" if more > 0 else ""
        reason = f"{design.alone} is new, and {names} of {self._label} is gone"
        return self._succeeded(limit, design.numbers.part(limit.metric, path) or 0, known, reason)

    def _moved(
        self, limit: Limit, value: int, before: PartNumbers, gone: list[str]
    ) -> tuple[Decision, int | None]:
        """Hold a new part of a design as if it were one that is gone."""
        known = [before.part(limit.metric, path) for path in gone]
        names = ", ".join(gone[:_MOST_NAMED])
        reason = f"this part is new, and {names} of {self._label} is gone"
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

    @property
    def _label(self) -> str:
        return short_label(self.past.base) if self.past.base else ""

    # Limits

    def _limited(self, limit: Limit, numbers: PartNumbers, path: str, before: Before) -> Decision:
        """Hold a number to its limit; with `new_only` skip what the base broke no less."""
        now = _amount(limit.metric, path, numbers)
        then = _amount(limit.metric, path, before.numbers) if before.numbers else None
        assert now is not None, path
        decision = decide(limit, now)
        if not self.new_only or then is None or decision.status == "pass":
            return decision
        as_bad = _SEVERITY[decide(limit, then).status] >= _SEVERITY[decision.status]
        if not as_bad or worse(limit, now, then, self.rules.ignore_below):
            return decision
        had = exact(then.value, METRICS[limit.metric].unit)
        reason = f"the base broke it already, with {had}, and it did not get worse"
        return decision._replace(status="skip", reason=reason)


_OF_WEIGHTS = ("params", "buffers", "weights", "gradients", "optimizer", "flash")
"""Metrics to which an operation of unknown cost adds nothing that is not known."""
_OF_DEVICES = ("ram", "flash")
"""Metrics that depend on the device of a budget."""


def _uncounted(budget: Budget, designs: Sequence[MeasuredDesign]) -> Iterator[CheckSource]:
    """Yield a broken check for each operation whose cost a limit is about and nobody knows."""
    limits = [limit for limit in budget.limits if limit.metric not in _OF_WEIGHTS]
    for design in designs if limits else ():
        model, placed = design.version.model, design.version.design
        origins = placed.by_path() if placed else {}
        for layer in design.numbers.report.uncounted:
            origin = origins.get(layer.path)
            place = origin.top if origin and model else Location(design.alone.path)
            reason = f"the cost of {layer.op} is not known (--allow-uncounted takes it as 0)"
            yield _unheld(budget, limits[0], design, place, reason, layer.path)


def _of_ram(report: Report) -> str:
    return report.result(Deployment).unknown


def _of_training(report: Report) -> str:
    paths = report.result(Training).unknown
    return f"what {first_few(paths)} keeps is not known" if paths else ""


_LEAST = {"ram": _of_ram, "saved": _of_training, "training": _of_training}
"""Metrics of which a part may not be known, and what says which."""


def _unknown(budget: Budget, designs: Sequence[MeasuredDesign]) -> Iterator[CheckSource]:
    """Yield a broken check for each design that may be over a limit, for all that is known."""
    for limit in budget.limits:
        if limit.kind != "max" or limit.metric not in _LEAST:
            continue
        for design in designs:
            unknown = _LEAST[limit.metric](design.numbers.report)
            value = design.numbers.whole(limit.metric)
            if unknown and not (limit.hard and value > limit.hard.number):
                reason = f"at least {value:,} B; {unknown} (--allow-uncounted takes it as 0)"
                yield _unheld(budget, limit, design, Location(design.alone.path), reason)


def _unheld(
    budget: Budget,
    limit: Limit,
    design: MeasuredDesign,
    location: Location,
    reason: str,
    path: str = "",
) -> CheckSource:
    """Return a broken check of a limit that nobody can hold a design to; of a layer by its path."""
    check = Check(
        rule="BN301",
        budget=budget.name,
        subject=Subject(design.model, design.name, "layer" if path else "model", path),
        metric=limit.metric,
        status="warn" if budget.level == "warn" else "fail",
        value=0,
        bound=None,
        written="",
        base=None,
        location=location,
        budget_location=limit.location,
        message=budget.message,
        reason=reason,
        device=_device(limit, design),
    )
    return CheckSource(check, budget, limit, design)


def _device(limit: Limit, design: MeasuredDesign) -> str:
    """Return the device that a number is worked out for; empty for one that is the same on all."""
    device = design.numbers.report.assumptions.device
    return device.name if device and limit.metric in _OF_DEVICES else ""


def _amount(metric: str, path: str, numbers: PartNumbers) -> Amount | None:
    value = numbers.part(metric, path)
    return None if value is None else Amount(value, numbers.whole(metric))


def _gone_parts(budget: Budget, now: PartNumbers, before: PartNumbers) -> list[str]:
    """Return the parts that a budget was for and that are there no more."""
    kept = set(paths(budget, now.report))
    return [path for path in paths(budget, before.report) if path not in kept]
