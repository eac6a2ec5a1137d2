"""Results of one's own, such as accuracies, joined to the designs of a sweep."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from math import isfinite

from bncalc.analysis.metric import METRICS
from bncalc.errors import UsageError
from bncalc.named import NamedTuple
from bncalc.opening.setting import setting_value
from bncalc.search.arrays import np
from bncalc.search.column import Array
from bncalc.search.sweep import Sweep, at_places

OWN = {"designs", "space", "seed", "version", *[metric.key for metric in METRICS.values()]}
"""Columns that a sweep itself writes: a table may be its CSV with a column of results."""


class ResultRow(NamedTuple):
    """A line of a table: what varies of the design that it is about, and its results."""

    line: int
    design: tuple[object, ...]
    results: tuple[float, ...]


class Results(NamedTuple):
    """A table that was read: which columns say the design, which are results, and which neither."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    unread: tuple[str, ...]
    rows: tuple[ResultRow, ...]


def joined(swept: Sweep, text: str, name: str) -> tuple[Sweep, dict[str, Array]]:
    """Return the designs that a table of results is about, and its columns of results.

    The table is CSV. Columns called like what varies say which design a row is about; a row without
    results is of a design that has none yet. Remarks say what was not used. Raises UsageError for a
    table that is about no design, and for what is wrong in it.
    """
    table = _read(swept, text, name)
    by_design: dict[tuple[object, ...], ResultRow] = {}
    for row in table.rows:
        if row.design in by_design:
            first = by_design[row.design].line
            raise UsageError(f"{name}:{row.line}: a second row about the design of line {first}")
        by_design[row.design] = row
    designs = list(zip(*[swept.values[key].tolist() for key in table.keys], strict=True))
    places = [place for place, design in enumerate(designs) if design in by_design]
    if not places:
        raise UsageError(f"--join {name}: none of its rows is about a design of this sweep")
    results = [by_design[designs[place]].results for place in places]
    columns = {
        word: np.array(column)
        for word, column in zip(table.names, zip(*results, strict=True), strict=True)
    }
    counted = f"{len(places):,} of {len(designs):,} designs have results in {name}"
    remarks = (*swept.remarks, counted, *_remarks(table, name, set(designs)))
    return at_places(swept, np.array(places))._replace(remarks=remarks), columns


def _read(swept: Sweep, text: str, name: str) -> Results:
    lines = _lines(text, name)
    header = [title.strip() for title in lines[0]] if lines else []
    for title in header:
        if title and header.count(title) > 1:
            raise UsageError(f"{name}:1: two columns are called {title!r}")
    cells = [[cell.strip() for cell in line] for line in lines[1:]]
    keys = [title for title in header if title in swept.values]
    further = [at for at, title in enumerate(header) if title not in {*swept.values} | OWN]
    numeric = [at for at in further if any(_number(_cell(line, at)) is not None for line in cells)]
    if not keys or not numeric:
        names = ", ".join(swept.values)
        message = "it has to have columns of what varies"
        raise UsageError(f"--join {name}: {message} ({names}) and one of numbers, the results")
    rows = []
    for number, line in enumerate(cells, start=2):
        results = [_cell(line, at) for at in numeric]
        if any(results):
            design = [setting_value(key, _cell(line, header.index(key))) for key in keys]
            numbers = [_result(name, number, header[at], _cell(line, at)) for at in numeric]
            rows.append(ResultRow(number, tuple(design), tuple(numbers)))
    unread = [header[at] for at in further if at not in numeric]
    return Results(tuple(keys), tuple([header[at] for at in numeric]), tuple(unread), tuple(rows))


def _lines(text: str, name: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        return list(reader)
    except csv.Error as error:
        raise UsageError(f"{name}:{reader.line_num}: not CSV: {error}") from None


def _cell(line: Sequence[str], at: int) -> str:
    return line[at] if at < len(line) else ""


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _result(name: str, line: int, column: str, text: str) -> float:
    number = _number(text)
    if number is None:
        seen = f"{text!r}" if text else "missing"
        raise UsageError(f"{name}:{line}: {column} is {seen}; a result is a number")
    return number


def _remarks(table: Results, name: str, designs: set[tuple[object, ...]]) -> Iterator[str]:
    """Say which rows are about nothing here, and which columns were not read."""
    strangers = [row.line for row in table.rows if row.design not in designs]
    if strangers:
        lines = ", ".join(map(str, strangers[:3])) + (" …" if len(strangers) > 3 else "")
        rows = "1 row is" if len(strangers) == 1 else f"{len(strangers):,} rows are"
        yield f"{rows} about no design of this sweep: {name}:{lines}"
    if table.unread:
        yield f"no column of results, and left out: {', '.join(table.unread)}"
