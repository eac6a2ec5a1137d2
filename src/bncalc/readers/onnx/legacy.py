"""Legacy: what operations of the first operator sets say, said as those of today say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.inference import Inference
from bncalc.readers.onnx.proto import Attribute, NodeProto
from bncalc.readers.onnx.scope import NONE, ValueScope
from bncalc.readers.onnx.substitution import NameScope, substitute
from bncalc.readers.onnx.tensor import TYPES_BY_NAME
from bncalc.readers.onnx.value import FILE, Contradiction, Dims, Numbers, sizes

LAST_OLD_SET = 6
"""The last operator set of this kind; the next has the broadcasting of today."""

LegacyForm = tuple[tuple[int, ...], Mapping[str, object]]
"""What an operation works on: the places of its inputs, and its attributes."""


class OldCall(NamedTuple):
    """A node of an old operator set; `places` are those of its inputs."""

    inference: Inference
    node: NodeProto
    scope: tuple[str, ...]
    places: tuple[int, ...]
    attributes: Mapping[str, object]

    @property
    def form(self) -> LegacyForm:
        return self.places, self.attributes

    def dims(self, index: int) -> Dims | None:
        place = self._place(index)
        return None if place == NONE else self.inference.values[place].dims

    def numbers(self, index: int) -> Numbers | None:
        place = self._place(index)
        return None if place == NONE else self.inference.values[place].numbers

    def _place(self, index: int) -> int:
        return self.places[index] if index < len(self.places) else NONE


def as_today(call: OldCall) -> LegacyForm:
    """Return the inputs and attributes that a node would have today.

    Raises Damaged for an axis that there is not.
    """
    change = CHANGES.get(call.node.op)
    try:
        return change(call) if change else call.form
    except Contradiction as error:
        message = str(error)
    except (ArithmeticError, ValueError):  # of what is no number, as in a damaged file
        message = "its inputs and attributes do not match"
    raise Damaged(call.node.at, f"{call.node.op} {call.node.name!r}: {message}")


def _along_an_axis(call: OldCall) -> LegacyForm:
    """The second input spreads from an axis of the first on: axes of size 1 follow its own."""
    wide, own, axis = call.dims(0), call.dims(1), call.attributes.get("axis")
    if not call.attributes.get("broadcast") or not isinstance(axis, int) or not (wide and own):
        return call.form
    behind = len(wide) - place_axis(axis, len(wide)) - len(own)
    if behind < 1:
        return call.form
    axes, (first, second, *_) = tuple(range(len(own), len(own) + behind)), call.places
    return (
        first,
        *substitute(call.inference, call.node, call.scope, "Unsqueeze", [second], axes=axes),
    ), {}


def _joined(call: OldCall) -> LegacyForm:
    """An axis that is not said is 1; it is always said from set 4 on."""
    return call.places, {"axis": 1, **call.attributes}


def _enlarged(call: OldCall) -> LegacyForm:
    """Height and width have a scale each."""
    scales = [call.attributes.get(f"{side}_scale", 1.0) for side in ("height", "width")]
    return call.places, {"scales": (1.0, 1.0, *scales), **call.attributes}


def _cast(call: OldCall) -> LegacyForm:
    """The type has a name."""
    name = call.attributes.get("to")
    known = TYPES_BY_NAME.get(name) if isinstance(name, bytes) else None
    return call.places, call.attributes if known is None else {"to": known}


def _repeated(call: OldCall) -> LegacyForm:
    """One axis is repeated, as two numbers say: how often, and which."""
    dims, times, axis = call.dims(0), call.numbers(1), call.numbers(2)
    if dims is None or not times or not axis:
        return call.form
    repeats = [1] * len(dims)
    repeats[place_axis(int(axis[0]), len(dims))] = int(times[0])
    held = call.inference.put("", sizes(tuple(repeats))._replace(origin=FILE))
    return (call.places[0], held), call.attributes


def cropped(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Cut an image by a border of left, top, right and bottom, or to a height and width from it."""
    x = names.get(node.inputs[0]) if node.inputs else NONE
    border, sides = (node.attributes.get(name, Attribute()).value for name in ("border", "scale"))
    dims = None if x == NONE else inference.values[x].dims
    if not (dims and isinstance(border, tuple) and len(border) == 4 and len(dims) == 4):
        return False
    left, top, right, bottom = border
    ends = (dims[2] - bottom, dims[3] - right)
    if isinstance(sides, tuple) and len(sides) == 2:
        ends = (top + sides[0], left + sides[1])
    cut = {"starts": (top, left), "ends": ends, "axes": (2, 3)}
    inference.operation(node._replace(op="Slice"), (x,), names, scope, cut)
    return True


_SPREADING = "Add And Div Equal Greater Less Mul Or Pow Sub Xor"
CHANGES: Mapping[str, Callable[[OldCall], LegacyForm]] = {
    **dict.fromkeys(_SPREADING.split(), _along_an_axis),
    "Cast": _cast,
    "Concat": _joined,
    "Tile": _repeated,
    "Upsample": _enlarged,
}
"""Operations that were said in another way."""
