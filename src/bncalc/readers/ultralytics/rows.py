"""Rows: what an Ultralytics model file says, each module with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bncalc.errors import Location, Problem
from bncalc.language.nodes import MappingNode, Node, ScalarNode, SequenceNode
from bncalc.language.reader import seen
from bncalc.named import NamedTuple
from bncalc.readers.ultralytics.scale import Scale

MOST_ROWS = 1000
_ROW = "[from, repeats, module, args]"


class Row(NamedTuple):
    """One row: where its maps come from, how often it runs, its module and arguments.

    A source is an earlier row by its number; negative ones count back from the row.
    """

    location: Location
    sources: tuple[int, ...]
    repeats: int
    module: str
    arguments: tuple[object, ...]

    @property
    def word(self) -> str:
        return self.module


class ModelFile(NamedTuple):
    """What a file holds: rows of backbone and head in order, scales by letter, and numbers."""

    path: str
    rows: tuple[Row, ...]
    scales: Mapping[str, Scale]
    numbers: Mapping[str, object]
    anchors: int
    """Anchors of each level where the file has them, as YOLOv5's own files do; else 0."""


def decode(path: str, root: Node, problems: list[Problem]) -> ModelFile:
    """Read the nodes of a file; every problem is told at its place."""
    entries: dict[str, Node] = {}
    if isinstance(root, MappingNode):
        entries = {key.text: value for key, value in root.entries}
    rows = [row for key in ("backbone", "head") for row in _rows(entries.get(key), key, problems)]
    numbers = {
        key: node.value
        for key, node in entries.items()
        if isinstance(node, ScalarNode) and node.value is not None
    }
    anchors = _value(entries["anchors"]) if "anchors" in entries else None
    return ModelFile(
        path,
        tuple(rows),
        dict(_scales(entries.get("scales"), problems)) or _single(numbers),
        {**numbers, **_lists(entries)},
        _anchors(anchors),
    )


def _rows(node: Node | None, key: str, problems: list[Problem]) -> Iterator[Row]:
    if not isinstance(node, SequenceNode):
        place = node.location if node is not None else Location(key)
        problems.append(Problem(place, f"{key} must be a list of rows {_ROW}"))
        return
    if len(node.items) > MOST_ROWS:
        problems.append(Problem(node.location, f"{key} has more than {MOST_ROWS} rows"))
        return
    for item in node.items:
        row = _row(item)
        if row is None:
            problems.append(Problem(item.location, f"this is {seen(item)}; it must be {_ROW}"))
        else:
            yield row


def _row(node: Node) -> Row | None:
    if not isinstance(node, SequenceNode) or len(node.items) != 4:
        return None
    sources, repeats, module, arguments = (_value(item) for item in node.items)
    sources = sources if isinstance(sources, tuple) else (sources,)
    if not sources or not all(type(source) is int for source in sources):
        return None
    if type(repeats) is not int or not 0 <= repeats <= MOST_ROWS or not isinstance(module, str):
        return None
    if not isinstance(arguments, tuple):
        return None
    return Row(node.location, sources, repeats, module.removeprefix("nn."), arguments)


def _value(node: Node) -> object:
    """Return a node as a number, a text, None or a tuple of these; nested ones stay nested."""
    if isinstance(node, SequenceNode):
        return tuple(_value(item) for item in node.items)
    if isinstance(node, ScalarNode):
        return None if node.value == "None" else node.value
    return None


def _scales(node: Node | None, problems: list[Problem]) -> Iterator[tuple[str, Scale]]:
    for key, item in node.entries if isinstance(node, MappingNode) else ():
        value = _value(item)
        numbers = value if isinstance(value, tuple) else ()
        if len(numbers) == 3 and all(_is_factor(number) for number in numbers):
            yield key.text, Scale(key.text, *numbers)
        else:
            message = f"scale {key.text} is {seen(item)}; it must be [depth, width, most channels]"
            problems.append(Problem(item.location, message))


def _single(numbers: Mapping[str, object]) -> dict[str, Scale]:
    depth, width = numbers.get("depth_multiple", 1.0), numbers.get("width_multiple", 1.0)
    if _is_factor(depth) and _is_factor(width):
        return {"": Scale("", depth, width)}  # type: ignore[arg-type]  # numbers, as was asked
    return {"": Scale()}


def _is_factor(value: object) -> bool:
    return type(value) in (int, float) and 0 < value <= 1e6  # type: ignore[operator]


def _lists(entries: Mapping[str, Node]) -> dict[str, object]:
    names = ("kpt_shape",)
    return {name: _value(entries[name]) for name in names if name in entries}


def _anchors(value: object) -> int:
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return len(value[0]) // 2
    return value if type(value) is int else 0
