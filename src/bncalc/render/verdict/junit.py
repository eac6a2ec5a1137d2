"""The verdict as JUnit's XML: a suite a budget, a case a check, what passed among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bncalc.budget.verdict import Check, Verdict
from bncalc.errors import Location, Problem
from bncalc.printable import printable
from bncalc.render.verdict import FormContext
from bncalc.render.verdict.placing import line_of, path_in, place
from bncalc.render.verdict.wording import helped, labels, sentence, title

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render(verdict: Verdict, context: FormContext) -> str:
    """Return a document with every check, so that a dashboard can follow it over time."""
    from xml.etree.ElementTree import Element, SubElement

    root = Element("testsuites", _counts(verdict.checks), name="bncalc check")
    names = labels(verdict)
    for budget in dict.fromkeys(check.budget for check in verdict.checks):
        checks = tuple(check for check in verdict.checks if check.budget == budget)
        suite = SubElement(root, "testsuite", _counts(checks), name=printable(budget))
        for check in checks:
            label = names[check.subject.whole]
            name = f"{title(check)} ({check.rule})"
            _result(_case(suite, label, name, place(check), context.folder), check)
    return _document(root)


def refused(problems: list[Problem], folder: str) -> str:
    """Return a document with an error for each problem."""
    from xml.etree.ElementTree import Element, SubElement

    count = str(len(problems))
    counts = {"tests": count, "failures": "0", "errors": count, "skipped": "0"}
    root = Element("testsuites", counts, name="bncalc check")
    suite = SubElement(root, "testsuite", counts, name="files")
    for problem in problems:
        where = problem.location
        case = _case(suite, printable(where.path), str(where), where, folder)
        SubElement(case, "error", type=problem.level, message=problem.text).text = str(problem)
    return _document(root)


def _case(suite: Element, label: str, name: str, where: Location, folder: str) -> Element:
    from xml.etree.ElementTree import SubElement

    at = {"file": printable(path_in(folder, where)), "line": str(line_of(where))}
    return SubElement(suite, "testcase", {"classname": label, "name": name, **at})


def _document(root: Element) -> str:
    from xml.etree.ElementTree import indent, tostring

    indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _counts(checks: tuple[Check, ...]) -> dict[str, str]:
    failures = sum(check.status == "fail" for check in checks)
    skipped = sum(check.status == "skip" for check in checks)
    return {
        "tests": str(len(checks)),
        "failures": str(failures),
        "errors": "0",
        "skipped": str(skipped),
    }


def _result(case: Element, check: Check) -> None:
    """Add what came of a check; nothing where it passed."""
    from xml.etree.ElementTree import SubElement

    message = sentence(check)
    body = helped(message, check)
    if check.status == "fail":
        SubElement(case, "failure", type=check.rule, message=message).text = body
    elif check.status == "warn":
        SubElement(case, "system-out").text = f"warning: {body}"
    elif check.status == "skip":
        SubElement(case, "skipped", message=message)
