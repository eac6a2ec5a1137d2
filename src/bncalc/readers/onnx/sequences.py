"""Sequences: lists of tensors whose lengths are known, followed element by element."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.scoped_node import ScopedNode
from bncalc.readers.onnx.tensor import INT64
from bncalc.readers.onnx.value import FILE, SIZES, Value

LONGEST = 4096


def construct(node: ScopedNode) -> bool:
    """Make a sequence of tensors, or an empty one."""
    return _give(node, node.places)


def same(node: ScopedNode) -> bool:
    """Give what may be left out; it is there."""
    if node.place(0) == NONE:
        return False
    node.give(node.places[:1])
    return True


def element(node: ScopedNode) -> bool:
    """Give the element of a place that is known; its name is another name of the element."""
    elements, index = _elements(node), _index(node, 1)
    if elements is None or index is None:
        return False
    node.give([elements[_within(node, index, len(elements))]])
    return True


def insert(node: ScopedNode) -> bool:
    """Put a tensor before a place, or at the end."""
    elements = _elements(node)
    index = _index(node, 2) if len(node.places) > 2 else len(elements or ())
    if elements is None or index is None or len(node.places) < 2:
        return False
    if index != len(elements):
        index = _within(node, index, len(elements))
    return _give(node, (*elements[:index], node.places[1], *elements[index:]))


def erase(node: ScopedNode) -> bool:
    """Take the element of a place out, or the last."""
    elements = _elements(node)
    index = _index(node, 1) if len(node.places) > 1 else -1
    if elements is None or index is None:
        return False
    index = _within(node, index, len(elements))
    return _give(node, (*elements[:index], *elements[index + 1 :]))


def length(node: ScopedNode) -> bool:
    elements = _elements(node)
    if elements is None:
        return False
    count = Value(INT64, (), (len(elements),), SIZES)
    node.inference.name(node.frame.names, node.proto.outputs[0], count)
    return True


def join(node: ScopedNode) -> bool:
    """Join all elements along an axis, a new one if asked for."""
    elements, axis = _elements(node), node.integer("axis", 0)
    if not elements:
        return False
    if node.integer("new_axis", 0):
        along = {"axes": (axis,)}
        elements = tuple([node.instead("Unsqueeze", [each], along)[0] for each in elements])
    node.give(node.instead("Concat", elements, {"axis": axis}))
    return True


def split(node: ScopedNode) -> bool:
    """Cut a tensor along an axis: into pieces of a size, of sizes, or of one position each."""
    dims, axis = node.dims(0), node.integer("axis", 0)
    if dims is None:
        return False
    whole = dims[place_axis(axis, len(dims))]
    sizes, single = _sizes(node, whole), len(node.places) < 2
    if sizes is None or len(sizes) > LONGEST or not node.inference.spend(len(sizes)):
        return False
    held = node.inference.put("", Value(INT64, (len(sizes),), tuple(sizes), FILE))
    parts = node.instead("Split", [node.places[0], held], {"axis": axis}, len(sizes))
    if single and not node.integer("keepdims", True):
        parts = [node.instead("Squeeze", [part], {"axes": (axis,)})[0] for part in parts]
    return _give(node, parts)


def _sizes(node: ScopedNode, whole: int) -> Sequence[int] | None:
    """Return the sizes of the pieces; None where they are not known."""
    if node.place(1) == NONE:
        return (1,) * min(whole, LONGEST + 1)
    held = node.numbers(1)
    if held is None:
        return None
    numbers = [int(number) for number in held]
    if node.dims(1):
        return numbers
    each = numbers[0]
    if each < 1 or whole // each > LONGEST:
        return None
    rest = [whole % each] if whole % each else []
    return [each] * (whole // each) + rest


def _elements(node: ScopedNode) -> tuple[int, ...] | None:
    return node.inference.sequences.get(node.place(0))


def _give(node: ScopedNode, elements: Sequence[int]) -> bool:
    if NONE in elements or len(elements) > LONGEST or not node.proto.outputs:
        return False
    if any(each in node.inference.sequences for each in elements):
        raise node.damaged("a sequence cannot hold sequences")
    place = node.inference.name(node.frame.names, node.proto.outputs[0], Value(0))
    node.inference.sequences[place] = tuple(elements)
    return True


def _index(node: ScopedNode, index: int) -> int | None:
    numbers = node.numbers(index)
    return int(numbers[0]) if numbers else None


def _within(node: ScopedNode, index: int, count: int) -> int:
    if not -count <= index < count:
        raise node.damaged(f"there is no element {index}; the sequence has {count}")
    return index % count
