"""The verdict: what budgets say of models, check by check, with the why and the mending."""

from __future__ import annotations

from typing import Literal

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.metric import METRICS
from bncalc.change.reasons import Why
from bncalc.errors import Location
from bncalc.frames import Framed
from bncalc.mending.fix import Fix
from bncalc.named import NamedTuple
from bncalc.quantity import plural

Status = Literal["pass", "warn", "fail", "skip"]
Scope = Literal["model", "stage", "block", "layer"]


class Rule(NamedTuple):
    """A kind of check: its stable code, its name and what it asks."""

    code: str
    name: str
    summary: str


RULES = {
    rule.code: rule
    for rule in (
        Rule("BN101", "limit", "a number is at most its limit"),
        Rule("BN102", "share", "a part has at most its share of the model's total"),
        Rule("BN103", "least", "a number is at least its lower bound"),
        Rule("BN201", "growth", "a number has grown since the base by no more than allowed"),
        Rule("BN202", "base", "a model is in the base that its growth is measured from"),
        Rule("BN301", "uncounted", "all costs that a limit covers are known"),
    )
}
"""By code. Codes are for ever: they stand in reports, dashboards and waivers."""


class Subject(NamedTuple):
    """What a check looks at: a design of a model as the call named it, or a part of it by path."""

    model: str
    design: str
    scope: Scope = "model"
    path: str = ""

    @property
    def whole(self) -> tuple[str, str]:
        """The model and the design, whatever part is looked at."""
        return self.model, self.design


class Check(NamedTuple):
    """One bound held against one number. Units: those of the metric; bytes for the assumptions.

    `bound` is the whole number that decides (the largest that passes, the smallest for `least`),
    `written` what the budget says, such as `4M` or `1%`. `reason` says why a check was skipped or
    reported without a bound. `fixes` is None where none were looked for, empty where there is none.
    """

    rule: str
    budget: str
    subject: Subject
    metric: str
    status: Status
    value: int
    bound: int | None
    written: str
    base: int | None
    location: Location
    budget_location: Location
    message: str = ""
    reason: str = ""
    why: Why | None = None
    fixes: tuple[Fix, ...] | None = None
    unmended: str = ""
    """Why no fixes were looked for, if that is to be said."""
    device: str = ""
    """The device that the number is worked out for, if it depends on one."""

    @property
    def known(self) -> int | None:
        """The value; None if it is not known, which is what the check found."""
        return None if RULES[self.rule].name == "uncounted" else self.value


class Note(NamedTuple):
    """A remark on a whole check: about the `base`, what is `gone` since, what was `loosened`."""

    kind: Literal["base", "gone", "loosened"]
    text: str


class _Verdict(NamedTuple):
    source: str
    assumptions: Assumptions
    input: tuple[int, ...] | None
    base: str | None
    checks: tuple[Check, ...]
    notes: tuple[Note, ...] = ()


class Verdict(_Verdict, Framed):
    """All checks of one run, in the order of the budgets and models, and what they rest on."""

    __slots__ = ()

    def __repr__(self) -> str:
        failed, warned = self.count("fail"), self.count("warn")
        return f"<Verdict: {plural(len(self.checks), 'check')}, {failed} failed, {warned} warned>"

    def rows(self) -> list[dict[str, object]]:
        """Return a flat dict for each check: what it is about, its status, value and bound."""
        return [
            {
                "rule": check.rule,
                "status": check.status,
                "budget": check.budget,
                **check.subject._asdict(),
                "metric": METRICS[check.metric].key,
                "value": check.known,
                "bound": check.bound,
                "base": check.base,
                "device": check.device or None,
            }
            for check in self.checks
        ]

    def count(self, status: Status) -> int:
        return sum(check.status == status for check in self.checks)

    @property
    def failed(self) -> bool:
        return any(check.status == "fail" for check in self.checks)
