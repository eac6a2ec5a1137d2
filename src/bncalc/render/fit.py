"""What fits, as a table and as a document: the best design, the next one, and what is written."""

from __future__ import annotations

from typing import Any

from bncalc._version import __version__
from bncalc.analysis.metric import METRICS, by_key
from bncalc.number import is_number
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.columns import COLUMNS
from bncalc.render.notes import assumed
from bncalc.render.provenance import VERSION, in_columns, searched
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.search.axis import written_value
from bncalc.search.evaluation import DesignValues, Refusal
from bncalc.search.fit import Fit, TriedDesign
from bncalc.search.limits import SearchLimit

SHOWN_REFUSALS = 3


def view(fit: Fit) -> Table:
    """Lay out the best design, the next and the one that is written, and say what was tried."""
    points = [("fits", fit.best), ("nearest", fit.nearest), ("next", fit.next), ("now", fit.now)]
    rows = [Row((Cell(name), *_cells(fit, point))) for name, point in points if point]
    space = f"{fit.title}: {searched(fit.axes, fit.rules, (), fit.limits)}"
    same = in_columns("; ".join([space, *fit.gaps, _resting(fit)]), None)
    notes = (*_notes(fit), *fit.gaps, f"{_resting(fit)}; {VERSION}")
    return Table(_title(fit), _columns(fit), tuple(rows), notes, same=same)


def document(fit: Fit) -> dict[str, Any]:
    """Return the answer as data."""
    return {
        "schema": "bncalc.fit/1",
        "version": __version__,
        **fit.assumptions.stated(),
        "name": fit.title,
        "limits": [_limit(limit) for limit in fit.limits],
        "maximize": fit.maximize.key if fit.maximize else None,
        "tried": {axis.name: axis.written for axis in fit.axes},
        "set": {rule.name: rule.expression.text for rule in fit.rules},
        "seed": None,
        "designs": fit.tried,
        "fitting": fit.fitting,
        "best": _point(fit.best),
        "settings": dict(fit.settings),
        "next": _point(fit.next),
        "same": [dict(point.values) for point in fit.twins],
        "now": _point(fit.now),
        "nearest": _point(fit.nearest),
        "refused": [refused(refusal) for refusal in fit.refusals],
        "remarks": [*fit.gaps],
    }


def refused(refusal: Refusal) -> dict[str, Any]:
    """Return why designs cannot be built, as data."""
    example = dict(refusal.example)
    return {"designs": refusal.designs, "reason": refusal.message, "example": example}


def refusal_notes(refusals: tuple[Refusal, ...], tried: int) -> list[str]:
    """Say how many designs cannot be built, and why."""
    count = sum(refusal.designs for refusal in refusals)
    if not count:
        return []
    of_all = f"{count:,} of {tried:,} cannot be built"
    if len(refusals) == 1:
        return [f"{of_all}, as {written(refusals[0].example)}: {refusals[0].message}"]
    lines = [of_all]
    lines += [
        f"  {refusal.designs:,}, as {written(refusal.example)}: {refusal.message}"
        for refusal in refusals[:SHOWN_REFUSALS]
    ]
    if len(refusals) > SHOWN_REFUSALS:
        rest = sum(refusal.designs for refusal in refusals[SHOWN_REFUSALS:])
        lines.append(f"  {rest:,} for {len(refusals) - SHOWN_REFUSALS} other reasons")
    return lines


def written(values: DesignValues) -> str:
    """Write values as a person sets them: width=0.98, depth=3."""
    return ", ".join([f"{name}={written_value(value)}" for name, value in values.items()])


def value_cell(value: object) -> Cell:
    """Return a cell of a value: a number whole, anything else as a call sets it."""
    return Cell(written_value(value), exact=value if is_number(value) else written_value(value))


def _title(fit: Fit) -> str:
    names = " and ".join([axis.name for axis in fit.axes])
    best = f"most {fit.maximize.title}" if fit.maximize else f"largest {names}"
    limits = ", ".join(map(str, fit.limits)) or "no limits"
    return f"{fit.title}: {best} with {limits}"


def _columns(fit: Fit) -> tuple[Column, ...]:
    varied = [Column(axis.name, axis.name, "text") for axis in fit.axes]
    return (Column("what", "", "name"), *varied, *[COLUMNS[word].column for word in _words(fit)])


def _words(fit: Fit) -> list[str]:
    point = fit.best or fit.nearest or fit.now
    return list(point.amounts) if point else []


def _cells(fit: Fit, point: TriedDesign) -> list[Cell]:
    values = [value_cell(point.values[axis.name]) for axis in fit.axes]
    return [*values, *[_amount(fit, word, amount) for word, amount in point.amounts.items()]]


def _amount(fit: Fit, word: str, amount: int) -> Cell:
    """Return an amount, and by how much it is beyond a limit."""
    for limit in fit.limits:
        excess = limit.excess(amount) if limit.word == word else 0
        if excess > 0:
            change = units.signed(-excess if limit.least else excess, limit.metric.unit)
            return Cell(amount, remark=change, tone="bad")
    return Cell(amount)


def _notes(fit: Fit) -> list[str]:
    lines = []
    if fit.best is None:
        nearest = (
            "; the nearest design misses its limits by the smallest share" if fit.nearest else ""
        )
        lines.append(f"nothing fits{nearest}")
    if fit.next and (same := _same_as_next(fit)):
        lines.append(same)
    if fit.twins:
        between = ", " if len(fit.axes) == 1 else "; "
        same = between.join([written(point.values) for point in fit.twins[:4]])
        more = f" and {len(fit.twins) - 4} more" if len(fit.twins) > 4 else ""
        lines.append(f"the same numbers as at {written(_best(fit))}: {same}{more}")
    ruled = {rule.name for rule in fit.rules} & fit.settings.keys()
    if ruled:
        lines.append(
            f"what fits has {written({name: fit.settings[name] for name in sorted(ruled)})}"
        )
    tried = "; ".join([f"{axis.name} {axis.written}" for axis in fit.axes])
    lines.append(f"tried {plural(fit.tried, 'design')}, {fit.fitting:,} of them fit: {tried}")
    return [*lines, *refusal_notes(fit.refusals, fit.tried)]


def _resting(fit: Fit) -> str:
    return assumed(fit.assumptions, _words(fit), [axis.name for axis in fit.axes])


def _best(fit: Fit) -> DesignValues:
    assert fit.best is not None
    return fit.best.values


def _same_as_next(fit: Fit) -> str:
    """Say where the next design is the one that is written, under another value."""
    alike = fit.next and fit.now and fit.next.amounts == fit.now.amounts
    if fit.next and fit.now and alike and fit.next.values != fit.now.values:
        return f"{written(fit.next.values)} has the same numbers as {written(fit.now.values)}"
    return ""


def _limit(limit: SearchLimit) -> dict[str, Any]:
    key = "min" if limit.least else "max"
    return {"metric": METRICS[limit.word].key, key: limit.whole, "written": limit.written}


def _point(point: TriedDesign | None) -> dict[str, Any] | None:
    if point is None:
        return None
    return {"values": dict(point.values), **by_key(point.amounts)}
