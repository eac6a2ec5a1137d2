"""The verdict as SARIF 2.1.0, for code scanning and for editors."""

from __future__ import annotations

from bncalc._version import __version__
from bncalc.budget.verdict import RULES, Check, Status, Verdict
from bncalc.errors import Location, Problem
from bncalc.render.json import text
from bncalc.render.verdict import FormContext
from bncalc.render.verdict.placing import fingerprint, path_in, place
from bncalc.render.verdict.ranking import findings
from bncalc.render.verdict.wording import DesignNames, helped, labels, sentence_at

SarifObject = dict[str, object]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: dict[Status, str] = {"fail": "error", "warn": "warning"}
_RULES = list(RULES)


def render(verdict: Verdict, context: FormContext) -> str:
    """Return a log of one run with a result for each finding; paths from the repository's top."""
    names = labels(verdict)
    results = [_result(check, names, context.folder) for check in findings(verdict)]
    return _log(results, verdict.source)


def refused(problems: list[Problem], folder: str) -> str:
    """Return a log of a run that failed, with a result for each problem."""
    results: list[SarifObject] = [
        {
            "ruleId": "unreadable",
            "level": problem.level,
            "message": {"text": problem.text},
            "locations": [_location(problem.location, folder)],
        }
        for problem in problems
    ]
    failed = {"executionSuccessful": False, "exitCode": 2}
    return _log(results, "unreadable", invocations=[failed])


def _log(results: list[SarifObject], what: str, **about: object) -> str:
    """Return a log of one run; GitHub closes an alert once a run of the same category lacks it.

    The category is what is before the last slash of the run's id.
    """
    driver = {
        "name": "bncalc",
        "semanticVersion": __version__,
        "rules": [
            {"id": rule.code, "name": rule.name, "shortDescription": {"text": rule.summary}}
            for rule in RULES.values()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"bncalc/{what}"},
        **about,
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(check: Check, names: DesignNames, folder: str) -> SarifObject:
    where = place(check)
    budget = {
        **_location(check.budget_location, folder),
        "id": 0,
        "message": {"text": f"the budget '{check.budget}'"},
    }
    return {
        "ruleId": check.rule,
        "ruleIndex": _RULES.index(check.rule),
        "level": _LEVELS[check.status],
        "message": {"text": helped(sentence_at(check, where, names), check)},
        "locations": [_location(where, folder)],
        "relatedLocations": [budget],
        "partialFingerprints": {"bncalc/v1": fingerprint(check, folder)},
        "properties": {"metric": check.metric, "value": check.known, "bound": check.bound},
    }


def _location(location: Location, folder: str) -> SarifObject:
    from urllib.parse import quote

    place: SarifObject = {
        "artifactLocation": {"uri": quote(path_in(folder, location), errors="surrogateescape")}
    }
    if location.line:
        place["region"] = {"startLine": location.line, "startColumn": max(location.column, 1)}
    return {"physicalLocation": place}
