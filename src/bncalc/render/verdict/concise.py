"""The verdict as one line a finding, for editors, grep and problem matchers."""

from __future__ import annotations

from bncalc.budget.verdict import Verdict
from bncalc.render.verdict import FormContext
from bncalc.render.verdict.ranking import findings
from bncalc.render.verdict.wording import headline, labels


def render(verdict: Verdict, context: FormContext) -> str:
    """Return `path:line:col: BN101 sentence [budget]` a finding; nothing when all is well."""
    names = labels(verdict)
    return "".join(f"{headline(check, names)}\n" for check in findings(verdict))
