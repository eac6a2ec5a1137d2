"""Causes: the values written in a model's files that are not what they were."""

import re
from collections.abc import Container, Iterator
from itertools import groupby

from bncalc.analysis.alignment import Item, align
from bncalc.change.reasons import Cause
from bncalc.errors import Location
from bncalc.language.nodes import YamlNode
from bncalc.language.written_values import WrittenValue, quoted, written
from bncalc.model.fields import describe, input_shape
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.opening.model import Model
from bncalc.opening.setting import setting_value

ABSENT = "absent"
"""Stands where a value was not written and has no default, or is written no more."""
_NAMED = ("defaults", "input", "inputs", "vars")
_STEP = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\[\d+\]|[^.\[\]]+")

_SIZE = re.compile(r"input(?:s\.(.+))?\[(\d+)\]")


class _Value(NamedTuple):
    """A written value, and the steps of the name by which it is compared."""

    written: WrittenValue
    steps: tuple[str, ...]


def causes(old: Model, new: Model, design: str) -> tuple[Cause, ...]:
    """Return every written value that a design depends on and that has changed, in written order.

    Entries and definitions keep what is theirs when others are added or removed. What a call has
    set takes the place of what is written. A value that is gone is placed where its neighbour is.
    """
    changes: list[Cause] = []
    pairs = _files(old, new)
    for before, after in pairs:
        ours = _values(before, old, design) if before else []
        theirs = _values(after, new, design) if after else []
        changes += _compared(ours, theirs)
    return tuple(changes)


def _files(old: Model, new: Model) -> list[tuple[YamlNode | None, YamlNode | None]]:
    """Pair the model's own files, then those they include, by the ends of their names.

    A model that is not in our language has none: nothing in it was written that could be named.
    """
    if not (old.files and new.files):
        return []
    (ours, *olds), (theirs, *news) = old.files.items(), new.files.items()
    pairs: list[tuple[YamlNode | None, YamlNode | None]] = [(ours[1], theirs[1])]
    left = {path.rpartition("/")[2]: node for path, node in olds}
    pairs += [(left.pop(path.rpartition("/")[2], None), node) for path, node in news]
    return pairs + [(node, None) for node in left.values()]


def _values(root: YamlNode, model: Model, design: str) -> list[_Value]:
    """Return what matters to a design; a variant's setting takes the place of the var's own."""
    chosen = f"variants.{quoted(model.variant)}." if model.variant else None
    named = written(root)
    names = [value.name for value in named]
    settings = [name[len(chosen) :] for name in names if chosen and name.startswith(chosen)]
    by_hand = {quoted(name): (name, text) for name, text in model.name.settings.items()}
    settled = {*map(_head, settings), *by_hand}
    values: list[_Value] = []
    placed: set[str] = set()
    for value in named:
        name = value.name
        if chosen and name.startswith(chosen) and _head(name[len(chosen) :]) not in by_hand:
            name = f"vars.{name[len(chosen) :]}"
        elif name.startswith("vars.") and (head := _head(name[5:])) in settled:
            if head in by_hand and head not in placed:
                placed.add(head)
                values += map(_value, _set(value, *by_hand[head]))
            continue
        elif size := _SIZE.fullmatch(name):
            given = _shape(*by_hand[size[1]]) if size[1] in by_hand else model.given_input
            values += map(_value, _given(value, int(size[2]), given) if given else [value])
            continue
        left_out = name.startswith(("variants.", "blocks."))
        if not left_out or name.startswith(f"blocks.{quoted(design)}."):
            values.append(_value(value, name))
    # What has a name of its own is compared by it, wherever in the file it stands.
    return sorted(values, key=lambda value: value.steps if value.steps[0] in _NAMED else ("~",))


def _value(value: WrittenValue, name: str = "") -> _Value:
    return _Value(value, tuple(_STEP.findall(name or value.name)))


def _set(old: WrittenValue, name: str, text: str) -> Iterator[WrittenValue]:
    """Yield what a call has set a var to, a list by its items, where the var is written."""
    setting = setting_value(name, text)
    if isinstance(setting, tuple):
        for place, item in enumerate(setting):
            within = f"vars.{quoted(name)}[{place}]"
            yield old._replace(name=within, value=item, text=describe(item))
    else:
        yield old._replace(name=f"vars.{quoted(name)}", value=setting, text=text)


def _shape(name: str, text: str) -> Shape:
    sizes = setting_value(name, text)
    return input_shape(sizes if isinstance(sizes, tuple) else (sizes,))


def _given(old: WrittenValue, place: int, sizes: Shape) -> Iterator[WrittenValue]:
    """Yield the size that a call has given in place of a written one; one stands for every axis."""
    if len(sizes) == 1:
        yield old._replace(value=sizes[0], text=str(sizes[0])) if place else old
    elif place < len(sizes):
        yield old._replace(value=sizes[place], text=str(sizes[place]))


def _head(name: str) -> str:
    """Return the var of a name like `depths[2]`."""
    steps = _STEP.match(name)
    return steps.group() if steps else name


def _compared(ours: list[_Value], theirs: list[_Value]) -> Iterator[Cause]:
    """Return the causes between two files, in the order of the new one."""
    pairs = align(_items(ours), _items(theirs))
    now = {ours[a].steps[:-1]: theirs[b] for a, b in reversed(pairs)}
    kept = {theirs[b].steps[:-1] for _, b in pairs}
    at = Location(theirs[0].written.location.path, 1, 1) if theirs else None
    i = j = 0
    for a, b in [*pairs, (len(ours), len(theirs))]:
        at = theirs[b].written.location if b < len(theirs) else at
        for gone in _gathered(ours[i:a], now):
            beside = now.get(gone.steps[:-1])
            place = beside.written.location if beside else at
            name = _joined((*beside.steps[:-1], gone.steps[-1])) if beside else gone.name
            yield Cause(name, gone.text, gone.otherwise, place or gone.location, gone.location)
        for added in _gathered(theirs[j:b], kept):
            yield Cause(added.name, added.otherwise, added.text, added.location)
        if a < len(ours) and ours[a].written.text != theirs[b].written.text:
            new = theirs[b].written
            yield Cause(new.name, ours[a].written.text, new.text, new.location)
        i, j = a + 1, b + 1


def _items(values: list[_Value]) -> list[Item]:
    return [Item(value.steps, value.written.text, value.steps[-1]) for value in values]


class _Unpaired(NamedTuple):
    """What is written on one side only, and what holds in its place on the other."""

    name: str
    steps: tuple[str, ...]
    text: str
    otherwise: str
    location: Location


def _gathered(values: list[_Value], kept: Container[tuple[str, ...]]) -> Iterator[_Unpaired]:
    """Return the values that are on one side only; a whole entry of them together."""
    for within, group in groupby(values, key=lambda value: value.steps[:-1]):
        gathered = list(group)
        if within in kept or not within or within[0] in _NAMED:
            for value in gathered:
                name, text, place = value.written.name, value.written.text, value.written.location
                yield _Unpaired(name, value.steps, text, _default(value.written), place)
        else:
            text = ", ".join(f"{value.steps[-1]} {value.written.text}" for value in gathered)
            place = gathered[0].written.location
            yield _Unpaired(_joined(within), within, text, ABSENT, place)


def _joined(steps: tuple[str, ...]) -> str:
    return ".".join(steps).replace(".[", "[")


def _default(value: WrittenValue) -> str:
    """Return what holds where a value is not written."""
    if value.field is None or value.field.required or value.field.default is None:
        return ABSENT
    default = value.field.default
    return default if isinstance(default, str) else describe(default)
