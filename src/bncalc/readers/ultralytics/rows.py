"""Rows: what an Ultralytics model file says, each module with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeGuard

from bncalc.errors import Location, Problem, SpecError, UsageError, hint_for, likeliest, suggest
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import seen
from bncalc.language.values import node_of
from bncalc.named import NamedTuple
from bncalc.number import is_number
from bncalc.readers.ultralytics.arguments import ACTIVATIONS, is_activation
from bncalc.readers.ultralytics.scale import ModelScale

MOST_ROWS = 1000
_LISTS = ("backbone", "head")
_KEYS = (
    *("backbone", "head", "nc", "ch", "channels", "scales", "scale", "depth_multiple"),
    *("width_multiple", "max_channels", "activation", "act", "anchors", "kpt_shape", "reg_max"),
    *("end2end", "names", "task", "text_model", "yaml_file", "inplace", "stride", "include"),
)
_ROW = "[from, repeats, module, args]"


class ModuleRow(NamedTuple):
    """One row: where its maps come from, how often it runs, its module and arguments.

    A source is an earlier row by its number; negative ones count back from the row. `places` are
    those of its four values, of each source and of each argument: `0`, `3.1`. A row that could not
    be read has no module.
    """

    location: Location
    sources: tuple[int, ...] = (-1,)
    repeats: int = 1
    module: str = ""
    arguments: tuple[object, ...] = ()
    places: Mapping[str, Location] = {}

    def place(self, of: str) -> Location:
        """Return the place of a value; that of the row for what is not written."""
        return self.places.get(of, self.location)


class Anchors(NamedTuple):
    """How many anchors each level has, and for how many levels they are given; 0 for any."""

    each: int
    levels: int = 0


class ModelFile(NamedTuple):
    """What a file holds: rows of backbone and head in order, scales by letter, and numbers."""

    path: str
    rows: tuple[ModuleRow, ...]
    scales: Mapping[str, ModelScale]
    numbers: Mapping[str, object]
    anchors: Anchors | None
    """Where the file has them, as YOLOv5's own files do."""
    include: YamlNode | None = None
    """The files of ours that define modules of the model's own."""


def decode(
    path: str, root: YamlNode, settings: Mapping[str, object], problems: list[Problem]
) -> ModelFile:
    """Read the nodes of a file, some of its values set by hand; every problem is told at its place.

    Raises UsageError for settings of what is no value of the file, and SpecError with the problems
    if a list of rows cannot be read: what the others read has no number then.
    """
    entries: dict[str, YamlNode] = {}
    if isinstance(root, MappingNode):
        entries = {key.text: value for key, value in root.entries}
    lists = [_items(entries[key], key, problems) for key in _LISTS if key in entries]
    rows = [_row(item, problems) for items in lists for item in items or ()]
    meant = _misspelt(root, rows, problems) if isinstance(root, MappingNode) else set()
    problems += [
        Problem(Location(path), f"the file has no `{key}:`, a list of rows {_ROW}")
        for key in {*_LISTS} - {*entries} - meant
    ]
    _set(entries, settings, path)
    _check(entries, problems)
    numbers = _numbers(entries)
    anchors = _value(entries["anchors"]) if "anchors" in entries else None
    scales = dict(_scales(entries.get("scales"), problems))
    if len(lists) < len(_LISTS) or None in lists:
        raise SpecError(problems)
    return ModelFile(
        path,
        tuple(rows),
        scales or _single(numbers),
        numbers,
        _anchors(anchors),
        entries.get("include"),
    )


def _set(entries: dict[str, YamlNode], settings: Mapping[str, object], path: str) -> None:
    known = _numbers(entries)
    for name, value in settings.items():
        if name not in known:
            raise UsageError(f"{path} has no {name!r} to set{hint_for(name, known)}")
        entries[name] = node_of(value, Location(f"{path}@{name}"))


def _numbers(entries: Mapping[str, YamlNode]) -> dict[str, object]:
    """Return what a file says of the model: single values, and the shape of keypoints."""
    values = {
        key: _value(node)
        for key, node in entries.items()
        if isinstance(node, ScalarNode) or key == "kpt_shape"
    }
    return {key: value for key, value in values.items() if value is not None}


def _check(entries: dict[str, YamlNode], problems: list[Problem]) -> None:
    """Tell of values of the model that cannot be, and take them out: rows shall not tell again."""
    for key, (right, accepts) in _VALUES.items():
        node = entries.get(key)
        if node is None or (isinstance(node, ScalarNode) and node.value is None):
            continue
        if not accepts(_value(node)):
            del entries[key]
            problems.append(Problem(node.location, f"{key} is {seen(node)}; it must be {right}"))
            if key == "nc":
                entries[key] = ScalarNode(1, "1", True, node.location)


def _items(node: YamlNode, key: str, problems: list[Problem]) -> Sequence[YamlNode] | None:
    """Return the rows of a list as they are written; None if they cannot be read."""
    if not isinstance(node, SequenceNode):
        message = f"{key} is {seen(node)}; it must be a list of rows {_ROW}"
        problems.append(Problem(node.location, message))
        return None
    if len(node.items) > MOST_ROWS:
        message = f"{key} has {len(node.items):,} rows; it may have at most {MOST_ROWS:,}"
        problems.append(Problem(node.location, message))
        return None
    return node.items


def _row(node: YamlNode, problems: list[Problem]) -> ModuleRow:
    """Read a row; one that is none is told, and keeps its number."""
    if not isinstance(node, SequenceNode) or len(node.items) != 4:
        length = f" of {len(node.items)}" if isinstance(node, SequenceNode) else ""
        problems.append(Problem(node.location, f"this is {seen(node)}{length}; it must be {_ROW}"))
        return ModuleRow(node.location)
    known, values = len(problems), [_value(item) for item in node.items]
    for item, value, (what, right, accepts) in zip(node.items, values, _COLUMNS, strict=True):
        if not accepts(value):
            problems.append(Problem(item.location, f"{what} is {seen(item)}; it must be {right}"))
    if len(problems) > known:
        return ModuleRow(node.location)
    sources, repeats, module, arguments = values
    return ModuleRow(
        node.location,
        sources if isinstance(sources, tuple) else (sources,),
        repeats,  # type: ignore[arg-type]
        str(module).removeprefix("nn."),
        arguments,  # type: ignore[arg-type]
        dict(_places(node)),
    )


def _places(row: SequenceNode) -> Iterator[tuple[str, Location]]:
    for column, item in enumerate(row.items):
        yield str(column), item.location
        for index, value in enumerate(item.items if isinstance(item, SequenceNode) else ()):
            yield f"{column}.{index}", value.location


def _are_sources(value: object) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return bool(values) and all(type(source) is int for source in values)


def _are_repeats(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_ROWS


_COLUMNS: tuple[tuple[str, str, Callable[[object], bool]], ...] = (
    ("from", "the number of a row, or a list of them", _are_sources),
    ("repeats", f"a whole number from 0 to {MOST_ROWS}", _are_repeats),
    ("module", "a name", lambda value: isinstance(value, str)),
    ("args", "a list", lambda value: isinstance(value, tuple)),
)
"""What each value of a row is called, and must be."""


def _value(node: YamlNode) -> object:
    """Return a node as a number, a text, None or a tuple of these; nested ones stay nested."""
    if isinstance(node, SequenceNode):
        return tuple(_value(item) for item in node.items)
    if isinstance(node, ScalarNode):
        return None if node.value == "None" else node.value
    return None


def _is_whole(value: object) -> bool:
    return type(value) is int and value >= 1


def _are_anchors(value: object) -> bool:
    levels = value if isinstance(value, tuple) else ()
    lengths = {len(level) if isinstance(level, tuple) else 0 for level in levels}
    are_pairs = len(lengths) == 1 and 0 not in lengths and max(lengths) % 2 == 0
    return value is None or _is_whole(value) or are_pairs


def _misspelt(root: MappingNode, rows: list[ModuleRow], problems: list[Problem]) -> set[str]:
    """Tell of keys that are nearly one that is known, and return those; others may be anything."""
    named = {x for row in rows for x in row.arguments if isinstance(x, str)}
    meant = set()
    for key, _ in root.entries:
        if key.text in _KEYS or key.text in named:
            continue
        if known := likeliest(key.text, _KEYS):
            meant.add(known)
            hint = suggest(key.text, _KEYS)
            problems.append(Problem(key.location, f"unknown key {key.text!r}{hint}"))
    return meant


_SCALE = ("depth", "width", "most channels")
"""What the three numbers of a scale are."""


def _scales(node: YamlNode | None, problems: list[Problem]) -> Iterator[tuple[str, ModelScale]]:
    if node is not None and not isinstance(node, MappingNode):
        right = "a mapping with a scale on each line: n: [depth, width, most channels]"
        problems.append(Problem(node.location, f"scales is {seen(node)}; it must be {right}"))
    for key, item in node.entries if isinstance(node, MappingNode) else ():
        values = item.items if isinstance(item, SequenceNode) else ()
        if len(values) != len(_SCALE):
            length = f" of {len(values)}" if values else ""
            message = f"scale {key.text} is {seen(item)}{length}; it must be [{', '.join(_SCALE)}]"
            problems.append(Problem(item.location, message))
            continue
        numbers = [_value(value) for value in values]
        for what, value, number in zip(_SCALE, values, numbers, strict=True):
            if not _is_factor(number):
                message = f"{what} of scale {key.text} is {seen(value)}; it must be {_FACTOR[0]}"
                problems.append(Problem(value.location, message))
        depth, width, most = numbers
        if _is_factor(depth) and _is_factor(width) and _is_factor(most):
            yield key.text, ModelScale(key.text, depth, width, most)


def _single(numbers: Mapping[str, object]) -> dict[str, ModelScale]:
    depth, width = numbers.get("depth_multiple", 1.0), numbers.get("width_multiple", 1.0)
    if _is_factor(depth) and _is_factor(width):
        return {"": ModelScale("", depth, width)}
    return {"": ModelScale()}


def _is_factor(value: object) -> TypeGuard[float]:
    return is_number(value) and 0 < value <= 1e6


def _anchors(value: object) -> Anchors | None:
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return Anchors(len(value[0]) // 2, len(value))
    return Anchors(value) if type(value) is int else None


_WHOLE = ("a whole number of at least 1", _is_whole)
_FACTOR = ("a number above 0", _is_factor)
_ACTIVATION = (f"one of {', '.join([f'nn.{name}()' for name in ACTIVATIONS])}", is_activation)
_VALUES: dict[str, tuple[str, Callable[[object], bool]]] = {
    "nc": _WHOLE,
    "ch": _WHOLE,
    "channels": _WHOLE,
    "reg_max": _WHOLE,
    "end2end": ("True or False", lambda value: isinstance(value, bool)),
    "scale": (
        "one letter; the scales themselves are under `scales`",
        lambda value: isinstance(value, str),
    ),
    "depth_multiple": _FACTOR,
    "width_multiple": _FACTOR,
    "max_channels": _FACTOR,
    "activation": _ACTIVATION,
    "act": _ACTIVATION,
    "anchors": (
        "a number of anchors, or for each level a list of as many widths and heights",
        _are_anchors,
    ),
}
"""What values of the model must be; others are read by the modules that use them."""
