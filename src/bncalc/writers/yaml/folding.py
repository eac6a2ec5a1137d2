"""Folding: copies of one thing, each after the one before, become one entry that is repeated."""

from __future__ import annotations

import re
from itertools import chain, count

from bncalc.writers.yaml.entry import WrittenEntry, is_same

Lists = dict[str, tuple[object, ...]]
"""Variables of the file: lists in which each copy finds its own number."""

_SHORT = 4


def fold(entry: WrittenEntry, lists: Lists) -> bool:
    """Make an entry of its copies; return whether they are alike enough.

    What the first alone has otherwise is said of the first; numbers that differ are a list in which
    each copy finds its own, one of those of the file if it is long.
    """
    copies = entry.copies
    example = copies[-1]
    keys = set(example.arguments)
    for copy in copies:
        if copy.word != example.word or set(copy.arguments) != keys or copy.lists or copy.again:
            return False
    arguments, first = {}, {}
    for key, value in example.arguments.items():
        values = [copy.arguments[key] for copy in copies]
        if all(is_same(other, value) for other in values):
            arguments[key] = value
        elif all(is_same(other, value) for other in values[1:]):
            arguments[key], first[key] = value, values[0]
        elif all(type(other) in (int, float, bool) for other in values):
            arguments[key] = _list(values, f"{entry.name}_{key}", lists)
        else:
            return False
    entry.word, entry.arguments, entry.usual = example.word, arguments, example.usual
    entry.first, entry.copies = first, []
    entry.formulas = {
        slot: formula
        for slot, formula in example.formulas.items()
        if all(is_same(copy.formulas.get(slot), formula) for copy in copies)
        and is_same(arguments[slot[1]], example.arguments[slot[1]])
        and slot[1] not in first
    }
    return True


def _list(values: list[object], name: str, lists: Lists) -> str:
    """Return the formula by which a copy finds its number among those of all copies."""
    if len(values) <= _SHORT:
        return f"=[{', '.join(repr(value).lower() for value in values)}][i]"
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII)
    first = plain if plain.isidentifier() else f"list_{plain}"
    names = chain([first], (f"{first}_{number}" for number in count(2)))
    unique = next(name for name in names if lists.get(name, tuple(values)) == tuple(values))
    lists[unique] = tuple(values)
    return f"={unique}[i]"
