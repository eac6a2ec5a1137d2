"""Causes: the values written in a model's files that are not what they were."""

import re
from collections.abc import Container, Iterator
from itertools import groupby

from bncalc.analysis.alignment import Item, align
from bncalc.change.reasons import Cause
from bncalc.errors import Location
from bncalc.language.nodes import Node
from bncalc.language.written import Written, said, written
from bncalc.model.fields import describe
from bncalc.named import NamedTuple
from bncalc.opening.model import Model

ABSENT = "absent"
"""Stands where a value was not written and has no default, or is written no more."""
_NAMED = ("defaults", "input", "vars")
_STEP = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\[\d+\]|[^.\[\]]+")


class _Value(NamedTuple):
    """A written value, and the steps of the name by which it is compared."""

    one: Written
    steps: tuple[str, ...]


def causes(old: Model, new: Model, design: str) -> tuple[Cause, ...]:
    """Return every written value that a design depends on and that has changed, in written order.

    Entries and definitions keep what is theirs when others are added or removed. What the call has
    set is the same on both sides. A value that is gone is placed where its neighbour now stands.
    """
    found: list[Cause] = []
    pairs = _files(old, new)
    for before, after in pairs:
        ours = _values(before, old, design) if before else []
        theirs = _values(after, new, design) if after else []
        found += _compared(ours, theirs)
    return tuple(found)


def _files(old: Model, new: Model) -> list[tuple[Node | None, Node | None]]:
    """Pair the model's own files, then those they include, by the ends of their names.

    A model that is not in our language has none: nothing in it was written that could be named.
    """
    if not (old.files and new.files):
        return []
    (ours, *olds), (theirs, *news) = old.files.items(), new.files.items()
    pairs: list[tuple[Node | None, Node | None]] = [(ours[1], theirs[1])]
    left = {path.rpartition("/")[2]: node for path, node in olds}
    pairs += [(left.pop(path.rpartition("/")[2], None), node) for path, node in news]
    return pairs + [(node, None) for node in left.values()]


def _values(root: Node, model: Model, design: str) -> list[_Value]:
    """Return what matters to a design; a variant's setting takes the place of the var's own."""
    chosen = f"variants.{said(model.variant)}." if model.variant else None
    named = written(root)
    settings = [one.name[len(chosen) :] for one in named if chosen and one.name.startswith(chosen)]
    by_hand = {*map(said, model.name.settings)}
    settled = {*map(_head, settings), *by_hand}
    found: list[_Value] = []
    for one in named:
        name = one.name
        if chosen and name.startswith(chosen) and _head(name[len(chosen) :]) not in by_hand:
            name = f"vars.{name[len(chosen) :]}"
        elif name.startswith("vars.") and _head(name[5:]) in settled:
            continue
        left_out = name.startswith(("variants.", "blocks.")) or (
            name.startswith("input") and model.given_input
        )
        if not left_out or name.startswith(f"blocks.{said(design)}."):
            found.append(_Value(one, tuple(_STEP.findall(name))))
    # What has a name of its own is compared by it, wherever in the file it stands.
    return sorted(found, key=lambda one: one.steps if one.steps[0] in _NAMED else ("~",))


def _head(name: str) -> str:
    """Return the var of a name like `depths[2]`."""
    steps = _STEP.match(name)
    return steps.group() if steps else name


def _compared(ours: list[_Value], theirs: list[_Value]) -> Iterator[Cause]:
    """Return the causes between two files, in the order of the new one."""
    pairs = align(_items(ours), _items(theirs))
    now = {ours[a].steps[:-1]: theirs[b] for a, b in reversed(pairs)}
    kept = {theirs[b].steps[:-1] for _, b in pairs}
    at = Location(theirs[0].one.location.path, 1, 1) if theirs else None
    i = j = 0
    for a, b in [*pairs, (len(ours), len(theirs))]:
        at = theirs[b].one.location if b < len(theirs) else at
        for one in _gathered(ours[i:a], now):
            beside = now.get(one.steps[:-1])
            place = beside.one.location if beside else at
            name = _joined((*beside.steps[:-1], one.steps[-1])) if beside else one.name
            yield Cause(name, one.text, one.otherwise, place or one.location)
        for one in _gathered(theirs[j:b], kept):
            yield Cause(one.name, one.otherwise, one.text, one.location)
        if a < len(ours) and ours[a].one.text != theirs[b].one.text:
            new = theirs[b].one
            yield Cause(new.name, ours[a].one.text, new.text, new.location)
        i, j = a + 1, b + 1


def _items(values: list[_Value]) -> list[Item]:
    return [Item(one.steps, one.one.text, one.steps[-1]) for one in values]


class _Alone(NamedTuple):
    """What is written on one side alone, and what stands for it on the other."""

    name: str
    steps: tuple[str, ...]
    text: str
    otherwise: str
    location: Location


def _gathered(values: list[_Value], kept: Container[tuple[str, ...]]) -> Iterator[_Alone]:
    """Return the values that are on one side alone; a whole entry of them as one."""
    for within, group in groupby(values, key=lambda one: one.steps[:-1]):
        found = list(group)
        if within in kept or not within or within[0] in _NAMED:
            for value in found:
                one = value.one
                yield _Alone(one.name, value.steps, one.text, _default(one), one.location)
        else:
            text = ", ".join(f"{one.steps[-1]} {one.one.text}" for one in found)
            yield _Alone(_joined(within), within, text, ABSENT, found[0].one.location)


def _joined(steps: tuple[str, ...]) -> str:
    return ".".join(steps).replace(".[", "[")


def _default(one: Written) -> str:
    """Return what holds where a value is not written."""
    if one.field is None or one.field.required or one.field.default is None:
        return ABSENT
    default = one.field.default
    return default if isinstance(default, str) else describe(default)
