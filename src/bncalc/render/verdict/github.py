"""The verdict as GitHub's workflow commands: a note on the line that did it, within the limits.

GitHub keeps ten errors and ten warnings of a step and drops the rest in silence.
"""

from __future__ import annotations

from bncalc.budget.verdict import Check, Status, Verdict
from bncalc.errors import Location, Problem
from bncalc.printable import printable, without_commands
from bncalc.quantity import plural
from bncalc.render.verdict import FormContext, text
from bncalc.render.verdict.placing import path_in, place
from bncalc.render.verdict.ranking import findings
from bncalc.render.verdict.wording import (
    DesignNames,
    helped,
    labels,
    remarks,
    sentence_at,
    verdict_line,
)

_MOST = 10
_COMMANDS: dict[Status, str] = {"fail": "error", "warn": "warning"}


def render(verdict: Verdict, context: FormContext) -> str:
    """Return the report for the log, folded, then a command for each of the worst findings."""
    worst_first, names = findings(verdict), labels(verdict)
    report = without_commands(text.render(verdict, context))
    lines = ["::group::bncalc check", report.rstrip(), "::endgroup::"]
    for status, command in _COMMANDS.items():
        checks = [check for check in worst_first if check.status == status]
        lines += _within(command, [_finding(command, it, names, context.folder) for it in checks])
    lines += [f"::notice title=bncalc::{_data(text)}" for text in remarks(verdict)[:_MOST]]
    return "\n".join([*lines, verdict_line(verdict)]) + "\n"


def refused(problems: list[Problem], folder: str) -> str:
    """Return a command for each problem."""
    lines = [
        _annotation("error", problem.location, "bncalc", problem.text, folder)
        for problem in problems
    ]
    return "".join(f"{line}\n" for line in _within("error", lines))


def _within(command: str, lines: list[str]) -> list[str]:
    """Return as many commands as GitHub keeps; the last says how many more there are."""
    if len(lines) <= _MOST:
        return lines
    rest = plural(len(lines) - _MOST + 1, f"more {command}")
    more = _data(f"… and {rest}, all of them in the log")
    return [*lines[: _MOST - 1], f"::{command} title=bncalc::{more}"]


def _finding(command: str, check: Check, names: DesignNames, folder: str) -> str:
    where = place(check)
    title = f"bncalc {check.rule} {printable(check.budget)}"
    message = helped(sentence_at(check, where, names), check)
    return _annotation(command, where, title, message, folder)


def _annotation(command: str, where: Location, title: str, message: str, folder: str) -> str:
    shown = {"file": printable(path_in(folder, where))} if where.path else {}
    if where.line:
        shown["line"] = str(where.line)
        shown["col"] = str(where.column)  # kept where the annotation ends on its line
    shown["title"] = title
    pairs = [f"{key}={_data(value)}" for key, value in shown.items()]
    properties = ",".join([pair.replace(":", "%3A").replace(",", "%2C") for pair in pairs])
    return f"::{command} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
