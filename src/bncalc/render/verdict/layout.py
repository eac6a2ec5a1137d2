"""The checks as rows: what fails first, a model where all is well on one line."""

from __future__ import annotations

from bncalc.budget.verdict import Check, Status, Verdict
from bncalc.named import NamedTuple
from bncalc.render.table import Cell, Column, Row, Table, Tone
from bncalc.render.verdict import figures
from bncalc.render.verdict.ranking import severity
from bncalc.render.verdict.wording import STATUS_WORDS, labels

NUMBERS = (
    Column("base", "Base", "number"),
    Column("now", "Now", "number"),
    Column("change", "Change", "number"),
    Column("limit", "Limit", "number"),
    Column("used", "Used", "number"),
    Column("status", "", "number"),
)
_OF_A_BASE = ("base", "change")
_TONES: dict[Status, Tone] = {"fail": "bad", "warn": "warning", "pass": "", "skip": ""}


def laid_out(title: str, names: tuple[Column, ...], rows: list[Row], verdict: Verdict) -> Table:
    """Return rows of names and NUMBERS as a table; what a base would fill is left out without."""
    table = Table(title, (*names, *NUMBERS), tuple(rows))
    has_base = any(check.base is not None for check in verdict.checks)
    return table if has_base else without(table, "base", "change")


def without(table: Table, *keys: str) -> Table:
    """Return the table without some of its columns."""
    kept = [i for i, column in enumerate(table.columns) if column.key not in keys]
    rows = [
        row if row.role == "heading" else row._replace(cells=tuple(row.cells[i] for i in kept))
        for row in table.rows
    ]
    return table._replace(columns=tuple(table.columns[i] for i in kept), rows=tuple(rows))


class DesignChecks(NamedTuple):
    """The checks of one design: those worth a row each, and those that passed and are not."""

    label: str
    shown: tuple[Check, ...]
    hidden: tuple[Check, ...]

    @property
    def status(self) -> Status:
        return (*self.shown, *self.hidden)[0].status


def groups(verdict: Verdict, *, every: bool) -> list[DesignChecks]:
    """Group the checks by design, the worst first.

    Where all of a design passed, its checks are hidden; where not, those of parts that passed are.
    """
    names = labels(verdict)
    by_label: dict[str, list[Check]] = {label: [] for label in names.values()}
    for check in verdict.checks:
        by_label[names[check.subject.whole]].append(check)
    made = []
    for label, checks in by_label.items():
        checks.sort(key=lambda check: severity(check.status))
        quiet = checks[0].status == "pass"
        hidden = [
            not every and check.status == "pass" and (quiet or check.subject.scope != "model")
            for check in checks
        ]
        made.append(
            DesignChecks(
                label,
                tuple(check for check, hide in zip(checks, hidden, strict=True) if not hide),
                tuple(check for check, hide in zip(checks, hidden, strict=True) if hide),
            )
        )
    return sorted(made, key=lambda group: severity(group.status))


def cells(check: Check) -> tuple[Cell, ...]:
    """Return what the columns of NUMBERS show of a check."""
    tone = _TONES[check.status]
    delta, relative = figures.change(check)
    return (
        Cell("" if check.base is None else figures.short(check.base, check)),
        Cell(figures.value(check)),
        Cell(delta, remark=relative),
        Cell(figures.limit(check)),
        Cell(figures.used(check), tone=tone),
        Cell(STATUS_WORDS[check.status], tone=tone),
    )
