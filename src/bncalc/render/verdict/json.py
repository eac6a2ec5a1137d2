"""The verdict as a JSON document: the contract with scripts, `bncalc schema check` describes it."""

from __future__ import annotations

from bncalc._version import __version__
from bncalc.analysis.metric import METRICS
from bncalc.budget.verdict import RULES, Check, Verdict
from bncalc.change.reasons import Why
from bncalc.mending.fix import Fix
from bncalc.render.json import text
from bncalc.render.verdict import FormContext
from bncalc.render.verdict.placing import fingerprint
from bncalc.render.verdict.ranking import outcome
from bncalc.render.verdict.wording import sentence

_SCHEMA = "bncalc.check/1"


def render(verdict: Verdict, context: FormContext) -> str:
    """Return the document; checks that passed are counted, and listed when all are asked for."""
    listed = [check for check in verdict.checks if context.every or check.status != "pass"]
    document = {
        "schema": _SCHEMA,
        "version": __version__,
        **verdict.assumptions.stated(),
        "source": verdict.source,
        "input": verdict.input,
        "base": verdict.base,
        "status": outcome(verdict),
        "summary": _summary(verdict),
        "notes": [note._asdict() for note in verdict.notes],
        "checks": [_check(check, context.folder) for check in listed],
    }
    return text(document)


def _summary(verdict: Verdict) -> dict[str, int]:
    return {
        "models": len({check.subject.whole for check in verdict.checks}),
        "checks": len(verdict.checks),
        "passed": verdict.count("pass"),
        "warned": verdict.count("warn"),
        "failed": verdict.count("fail"),
        "skipped": verdict.count("skip"),
    }


def _check(check: Check, folder: str) -> dict[str, object]:
    return {
        "rule": check.rule,
        "name": RULES[check.rule].name,
        "status": check.status,
        "budget": check.budget,
        **check.subject._asdict(),
        "metric": check.metric,
        "device": check.device or None,
        "unit": METRICS[check.metric].quantity,
        "value": check.known,
        "bound": check.bound,
        "written": check.written,
        "base": check.base,
        "sentence": sentence(check),
        "message": check.message,
        "reason": check.reason,
        "location": check.location._asdict(),
        "budget_location": check.budget_location._asdict(),
        "why": None if check.why is None else _why(check.why),
        "fixes": None if check.fixes is None else [_fix(fix) for fix in check.fixes],
        "fingerprint": fingerprint(check, folder),
    }


def _why(why: Why) -> dict[str, object]:
    return {
        "layers": [layer._asdict() for layer in why.layers],
        "at": why.at or None,
        "causes": [cause.stated() for cause in why.causes],
    }


def _fix(fix: Fix) -> dict[str, object]:
    return {**fix._asdict(), "location": fix.location._asdict()}
