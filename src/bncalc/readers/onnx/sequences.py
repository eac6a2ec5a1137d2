"""Sequences: lists of tensors whose lengths are known, followed element by element."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.inference import Inference
from bncalc.readers.onnx.proto import Attribute, NodeProto
from bncalc.readers.onnx.scope import NONE, ValueScope
from bncalc.readers.onnx.substitution import NameScope, substitute
from bncalc.readers.onnx.tensor import INT64
from bncalc.readers.onnx.value import FILE, SIZES, Value

LONGEST = 4096


def construct(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Make a sequence of tensors, or an empty one."""
    return _give(inference, node, names, [names.get(name) for name in node.inputs])


def at(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Give the element of a place that is known; its name is another name of the element."""
    elements, index = _elements(inference, node, names), _index(inference, node, names, 1)
    if elements is None or index is None:
        return False
    names.own[node.outputs[0]] = elements[_within(node, index, len(elements))]
    return True


def insert(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Put a tensor before a place, or at the end."""
    elements = _elements(inference, node, names)
    index = _index(inference, node, names, 2) if len(node.inputs) > 2 else len(elements or ())
    if elements is None or index is None or len(node.inputs) < 2:
        return False
    if index != len(elements):
        index = _within(node, index, len(elements))
    new = names.get(node.inputs[1])
    return _give(inference, node, names, [*elements[:index], new, *elements[index:]])


def erase(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Take the element of a place out, or the last."""
    elements = _elements(inference, node, names)
    index = _index(inference, node, names, 1) if len(node.inputs) > 1 else -1
    if elements is None or index is None:
        return False
    index = _within(node, index, len(elements))
    return _give(inference, node, names, [*elements[:index], *elements[index + 1 :]])


def length(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    elements = _elements(inference, node, names)
    if elements is None:
        return False
    inference.name(names, node.outputs[0], Value(INT64, (), (len(elements),), SIZES))
    return True


def join(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Join all elements along an axis, a new one if asked for."""
    elements, axis = _elements(inference, node, names), _integer(node, "axis", 0)
    if not elements:
        return False
    if _integer(node, "new_axis", 0):
        elements = [
            substitute(inference, node, scope, "Unsqueeze", [each], axes=(axis,))[0]
            for each in elements
        ]
    (joined,) = substitute(inference, node, scope, "Concat", elements, axis=axis)
    names.own[node.outputs[0]] = joined
    return True


def split(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Cut a tensor along an axis: into pieces of a size, of sizes, or of one position each."""
    place, axis = names.get((*node.inputs, "")[0]), _integer(node, "axis", 0)
    dims = inference.values[place].dims if place != NONE else None
    if dims is None:
        return False
    whole = dims[place_axis(axis, len(dims))]
    sizes, single = _sizes(inference, node, names, whole), len(node.inputs) < 2
    if sizes is None or len(sizes) > LONGEST or not inference.spend(len(sizes)):
        return False
    held = inference.put("", Value(INT64, (len(sizes),), tuple(sizes), FILE))
    parts = substitute(inference, node, scope, "Split", [place, held], len(sizes), axis=axis)
    if single and not _integer(node, "keepdims", 1):
        parts = [
            substitute(inference, node, scope, "Squeeze", [part], axes=(axis,))[0] for part in parts
        ]
    return _give(inference, node, names, parts)


def _sizes(
    inference: Inference, node: NodeProto, names: ValueScope, whole: int
) -> Sequence[int] | None:
    """Return the sizes of the pieces; None where they are not known."""
    if len(node.inputs) < 2 or not node.inputs[1]:
        return (1,) * min(whole, LONGEST + 1)
    value = inference.values[names.get(node.inputs[1])]
    if value.numbers is None:
        return None
    numbers = [int(number) for number in value.numbers]
    if value.dims:
        return numbers
    each = numbers[0]
    if each < 1 or whole // each > LONGEST:
        return None
    rest = [whole % each] if whole % each else []
    return [each] * (whole // each) + rest


SEQUENCES = {
    "ConcatFromSequence": join,
    "SequenceAt": at,
    "SequenceConstruct": construct,
    "SequenceEmpty": construct,
    "SequenceErase": erase,
    "SequenceInsert": insert,
    "SequenceLength": length,
    "SplitToSequence": split,
}
"""Operations on sequences; each returns False where content decides what it does."""


def _elements(inference: Inference, node: NodeProto, names: ValueScope) -> list[int] | None:
    place = names.get(node.inputs[0]) if node.inputs else NONE
    held = inference.sequences.get(place)
    return None if held is None else list(held)


def _give(
    inference: Inference, node: NodeProto, names: ValueScope, elements: Sequence[int]
) -> bool:
    if NONE in elements or len(elements) > LONGEST or not node.outputs:
        return False
    if any(each in inference.sequences for each in elements):
        raise Damaged(node.at, f"{node.op} {node.name!r}: a sequence cannot hold sequences")
    place = inference.name(names, node.outputs[0], Value(0))
    inference.sequences[place] = tuple(elements)
    return True


def _index(inference: Inference, node: NodeProto, names: ValueScope, index: int) -> int | None:
    place = names.get(node.inputs[index]) if index < len(node.inputs) else NONE
    numbers = inference.values[place].numbers if place != NONE else None
    return int(numbers[0]) if numbers else None


def _within(node: NodeProto, index: int, count: int) -> int:
    if not -count <= index < count:
        raise Damaged(
            node.at,
            f"{node.op} {node.name!r}: there is no element {index}; the sequence has {count}",
        )
    return index % count


def _integer(node: NodeProto, name: str, default: int) -> int:
    held = node.attributes.get(name, Attribute(default)).value
    return held if isinstance(held, int) else default
