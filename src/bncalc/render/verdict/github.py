"""The verdict as GitHub's workflow commands: a note on the line that did it, within the limits.

GitHub keeps ten errors and ten warnings of a step and drops the rest in silence.
"""

from __future__ import annotations

from bncalc.budget.verdict import Check, Status, Verdict
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
        kept = checks if len(checks) <= _MOST else checks[: _MOST - 1]
        lines += [_annotation(command, check, names, context.folder) for check in kept]
        if rest := len(checks) - len(kept):
            more = f"… and {plural(rest, f'more {command}')}, all of them in the log"
            lines.append(f"::{command} title=bncalc::{_data(more)}")
    lines += [f"::notice title=bncalc::{_data(text)}" for text in remarks(verdict)[:_MOST]]
    return "\n".join([*lines, verdict_line(verdict)]) + "\n"


def _annotation(command: str, check: Check, names: DesignNames, folder: str) -> str:
    where = place(check)
    shown = {"file": printable(path_in(folder, where))}
    if where.line:
        shown["line"] = str(where.line)
        shown["col"] = str(where.column)  # kept where the annotation ends on its line
    shown["title"] = f"bncalc {check.rule} {printable(check.budget)}"
    pairs = [f"{key}={_data(value)}" for key, value in shown.items()]
    properties = ",".join([pair.replace(":", "%3A").replace(",", "%2C") for pair in pairs])
    message = helped(sentence_at(check, where, names), check)
    return f"::{command} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
