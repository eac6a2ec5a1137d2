"""Legacy: what operations of the first operator sets say, said as those of today say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.scoped_node import ScopedNode
from bncalc.readers.onnx.tensor import TYPES_BY_NAME
from bncalc.readers.onnx.value import FILE, sizes

LegacyForm = tuple[tuple[int, ...], Mapping[str, object]]
"""What an operation works on: the places of its inputs, and its attributes."""


def as_today(node: ScopedNode) -> LegacyForm:
    """Return the inputs and attributes that a node would have today."""
    change = CHANGES.get(node.proto.op)
    return change(node) if change else (node.places, node.attributes)


def _along_an_axis(node: ScopedNode) -> LegacyForm:
    """The second input spreads from an axis of the first on: axes of size 1 follow its own."""
    wide, own, axis = node.dims(0), node.dims(1), node.attributes.get("axis")
    if not node.attributes.get("broadcast") or not isinstance(axis, int) or not (wide and own):
        return node.places, node.attributes
    behind = len(wide) - place_axis(axis, len(wide)) - len(own)
    if behind < 1:
        return node.places, node.attributes
    axes, (first, second, *_) = tuple(range(len(own), len(own) + behind)), node.places
    return (first, *node.instead("Unsqueeze", [second], {"axes": axes})), {}


def _joined(node: ScopedNode) -> LegacyForm:
    """An axis that is not said is 1; it is always said from set 4 on."""
    return node.places, {"axis": 1, **node.attributes}


def _enlarged(node: ScopedNode) -> LegacyForm:
    """Height and width have a scale each."""
    scales = [node.attributes.get(f"{side}_scale", 1.0) for side in ("height", "width")]
    return node.places, {"scales": (1.0, 1.0, *scales), **node.attributes}


def _cast(node: ScopedNode) -> LegacyForm:
    """The type has a name."""
    name = node.attributes.get("to")
    known = TYPES_BY_NAME.get(name) if isinstance(name, bytes) else None
    return node.places, node.attributes if known is None else {"to": known}


def _repeated(node: ScopedNode) -> LegacyForm:
    """One axis is repeated, as two numbers say: how often, and which."""
    dims, times, axis = node.dims(0), node.numbers(1), node.numbers(2)
    if dims is None or not times or not axis:
        return node.places, node.attributes
    repeats = [1] * len(dims)
    repeats[place_axis(int(axis[0]), len(dims))] = int(times[0])
    held = node.inference.put("", sizes(tuple(repeats))._replace(origin=FILE))
    return (node.places[0], held), node.attributes


def cropped(node: ScopedNode) -> bool:
    """Cut an image by a border of left, top, right and bottom, or to a height and width from it."""
    dims, border, sides = node.dims(0), node.attributes.get("border"), node.attributes.get("scale")
    if not (dims and isinstance(border, tuple) and len(border) == 4 and len(dims) == 4):
        return False
    left, top, right, bottom = border
    ends = (dims[2] - bottom, dims[3] - right)
    if isinstance(sides, tuple) and len(sides) == 2:
        ends = (top + sides[0], left + sides[1])
    cut = {"starts": (top, left), "ends": ends, "axes": (2, 3)}
    slice_ = node.proto._replace(op="Slice")
    node.inference.operation(slice_, node.places[:1], node.frame, cut)
    return True


_SPREADING = "Add And Div Equal Greater Less Mul Or Pow Sub Xor"
CHANGES: Mapping[str, Callable[[ScopedNode], LegacyForm]] = {
    **dict.fromkeys(_SPREADING.split(), _along_an_axis),
    "Cast": _cast,
    "Concat": _joined,
    "Tile": _repeated,
    "Upsample": _enlarged,
}
"""Operations that were said in another way."""
