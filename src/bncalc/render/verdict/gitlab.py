"""The verdict as GitLab's code quality report."""

from __future__ import annotations

from bncalc.budget.verdict import Check, Status, Verdict
from bncalc.render.verdict import Context
from bncalc.render.verdict.placing import fingerprint, line_of, path_in
from bncalc.render.verdict.ranking import findings
from bncalc.render.verdict.wording import sentence

_SEVERITIES: dict[Status, str] = {"fail": "major", "warn": "minor"}


def render(verdict: Verdict, context: Context) -> str:
    """Return an array of findings, empty when all is well."""
    from json import dumps

    found = [_issue(one, context.folder) for one in findings(verdict)]
    return dumps(found, indent=1, ensure_ascii=False) + "\n"


def _issue(check: Check, folder: str) -> dict[str, object]:
    return {
        "check_name": check.rule,
        "description": f"{check.rule}: {sentence(check)}",  # the widget does not show `check_name`
        "severity": _SEVERITIES[check.status],
        "fingerprint": fingerprint(check, folder),
        "location": {
            "path": path_in(folder, check.location),
            "lines": {"begin": line_of(check.location)},
        },
    }
