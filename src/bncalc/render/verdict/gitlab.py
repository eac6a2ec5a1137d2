"""The verdict as GitLab's code quality report."""

from __future__ import annotations

from bncalc.budget.verdict import Check, Status, Verdict
from bncalc.errors import Location, Problem
from bncalc.render.json import text
from bncalc.render.verdict import FormContext
from bncalc.render.verdict.placing import fingerprint, hashed, line_of, path_in, place
from bncalc.render.verdict.ranking import findings
from bncalc.render.verdict.wording import DesignNames, advice, labels, sentence_at

_SEVERITIES: dict[Status, str] = {"fail": "major", "warn": "minor"}


def render(verdict: Verdict, context: FormContext) -> str:
    """Return an array of findings, empty when all is well."""
    names = labels(verdict)
    issues = [_issue(check, names, context.folder) for check in findings(verdict)]
    return text(issues)


def refused(problems: list[Problem], folder: str) -> str:
    """Return an array with an issue for each problem."""
    return text(
        [
            {
                "check_name": "unreadable",
                "description": problem.text,
                "severity": "critical",
                "fingerprint": hashed(path_in(folder, where), str(where[1:]), problem.text),
                "location": _location(where, folder),
            }
            for problem in problems
            for where in (problem.location,)
        ]
    )


def _issue(check: Check, names: DesignNames, folder: str) -> dict[str, object]:
    where = place(check)
    sentence = sentence_at(check, where, names)
    if not where.line:  # which layer it is can be seen at no line
        sentence = "; ".join([sentence, *(line for word, line in advice(check) if word == "why")])
    return {
        "check_name": check.rule,
        "description": f"{check.rule}: {sentence}",  # `check_name` is not shown
        "severity": _SEVERITIES[check.status],
        "fingerprint": fingerprint(check, folder),
        "location": _location(where, folder),
    }


def _location(where: Location, folder: str) -> dict[str, object]:
    return {"path": path_in(folder, where), "lines": {"begin": line_of(where)}}
