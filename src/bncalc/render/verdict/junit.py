"""The verdict as JUnit's XML: a suite a budget, a case a check, what passed among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bncalc.budget.verdict import Check, Verdict
from bncalc.printable import printable
from bncalc.render.verdict import FormContext
from bncalc.render.verdict.placing import line_of, path_in, place
from bncalc.render.verdict.wording import helped, labels, sentence, title

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render(verdict: Verdict, context: FormContext) -> str:
    """Return a document with every check, so that a dashboard can follow it over time."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    root = Element("testsuites", _counts(verdict.checks), name="bncalc check")
    names = labels(verdict)
    for budget in dict.fromkeys(check.budget for check in verdict.checks):
        checks = tuple(check for check in verdict.checks if check.budget == budget)
        suite = SubElement(root, "testsuite", _counts(checks), name=printable(budget))
        for check in checks:
            label = names[check.subject.whole]
            where = place(check)
            at = {"file": path_in(context.folder, where), "line": str(line_of(where))}
            case = SubElement(
                suite, "testcase", classname=label, name=f"{title(check)} ({check.rule})"
            )
            case.attrib.update({key: printable(value) for key, value in at.items()})
            _result(case, check)
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
