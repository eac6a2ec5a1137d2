"""Functions of each element, norms over the last axis, gathering along axes; and the unknown."""

from __future__ import annotations

from math import inf

from bncalc.model.cost import FREE, Cost
from bncalc.model.graph import Code, View
from bncalc.model.net import Tensor
from bncalc.model.op import Op
from bncalc.model.ops.foreign import Facts, ForeignOptions
from bncalc.model.shape import Unsized
from bncalc.readers.axes import size_of
from bncalc.readers.binary import shortest
from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing.words import (
    GATHERING,
    GLOBAL,
    NATIVE,
    NATIVE_REDUCTIONS,
    OVER,
    PER_ELEMENT,
    REDUCTIONS,
)


def native(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a function of each element that the language has a word for."""
    word, call = NATIVE[layer.word], layer.step.call
    own: dict[str, object] = {}
    if word in _FACTORS:
        field, usual = _FACTORS[word]
        own = {field: call.decimal("alpha", usual)}
    elif word == "gelu":
        is_tanh = any(step.call.op == "Tanh" for step in layer.steps)
        own = {"approximate": is_tanh or call.text("approximate") == "tanh"}
    unary(placement, layer, placement.op(word, **own))


_FACTORS = {"elu": ("alpha", 1.0), "leaky_relu": ("slope", 0.01)}
"""What our functions call the attribute alpha, and what it is where it is not given."""


def softmax(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a softmax along the axis that it is over, where that is one of the map's own."""
    place, call = layer.x, layer.step.call
    dims, channels = placement.dims(place), placement.known_axis(place)
    along, x = call.axis(-1 if call.opset >= 13 else 1), placement.any(place)
    last = along == len(dims) - 1 and x.shape[-1] == dims[-1]
    if last and (channels is None or x.node in placement.scores):
        over = -1
    else:
        size = size_of(dims, placement.axis(place), along, placement.batch)
        x = x if size is None else placement.map(place, placement.axis(place))
        over = (size or 0) - len(x.shape)
    channels_first = over in (0, -len(x.shape))
    op = placement.op("softmax") if channels_first else placement.op("softmax", over=(over,))
    tensor = placement.put(layer, op, [x], placement.axis(place), loose=True)
    placement.still_scores([x], tensor)


def clip(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what limits a value, a comparison a limit: between 0 and 6 it is an activation."""
    call = layer.step.call
    limits = _limits(call)
    if limits == {"min": 0.0, "max": 6.0}:
        unary(placement, layer, placement.op("relu6"))
        return
    given = len(limits.keys() | {name for name, at in _LIMITS.items() if call.given(at)})
    _function(placement, layer, given, tuple(limits.items()))


_LIMITS = {"min": 1, "max": 2}
"""The limits of a Clip, and which input each is."""


def _limits(call: OnnxCall) -> dict[str, float]:
    """Return the limits that are known: attributes in old operator sets, inputs in new ones."""
    limits = {name: call.real(name, inf) for name in ("min", "max") if name in call.attributes}
    for name, at in _LIMITS.items():
        given = call.given(at)
        if given is not None and given.numbers:
            limits[name] = float(given.numbers[0])
    return limits


def prelu(placement: OnnxPlacement, layer: FusedLayer) -> None:
    slopes = "one" if placement.learned.weights == 1 else "channel"
    unary(placement, layer, placement.op("prelu", slopes=slopes))


def unary(placement: OnnxPlacement, layer: FusedLayer, op: Op) -> None:
    """Place an op that makes a map of one like it."""
    (x,) = [placement.any(place) for place in layer.data[:1]]
    axis = placement.axis(layer.data[0])
    tensor = placement.put(layer, op, [x], axis, loose=True)
    placement.still_scores([x], tensor)
    _note_unusual(placement, layer, tensor)


def _note_unusual(placement: OnnxPlacement, layer: FusedLayer, tensor: Tensor) -> None:
    """Note where a function has other numbers than those that its word stands for."""
    for step in layer.steps:
        numbers = _NUMBERS.get(step.call.op, {})
        given = {name: step.call.decimal(name, usual) for name, (usual, _) in numbers.items()}
        for name, (_, ours) in numbers.items():
            if abs(given[name] - ours) > _NEAR and step.call.op in _CALLS:
                view = View((), (), tuple(tensor.shape))
                call = _CALLS[step.call.op].format(**given, x="{0}")
                call = f"{{0}} * {call}" if len(layer.steps) > 1 else call
                placement.codes[tensor.node] = Code(call, (view,), view, more=True)
            elif abs(given[name] - ours) > _NEAR:
                reason = f"{name} of {step.call.op} is {given[name]:g}, and not {ours:.6g}"
                placement.codes[tensor.node] = reason


_CALLS = {"HardSigmoid": "({x} * {alpha:.7g} + {beta:.7g}).clamp(0, 1)"}
"""Functions whose numbers a call can say."""
_NUMBERS = {
    "HardSigmoid": {"alpha": (0.2, 1 / 6), "beta": (0.5, 0.5)},
    "Selu": {"alpha": (1.6732632, 1.6732632), "gamma": (1.050701, 1.050701)},
}
"""What numbers of a function are if they are not given, and what they are in its word of ours."""
_NEAR = 1e-4


def function(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a function of each element that the language has no word for."""
    _function(placement, layer, PER_ELEMENT[layer.word])


def _function(
    placement: OnnxPlacement, layer: FusedLayer, operations: int, options: ForeignOptions = ()
) -> None:
    """Place a function that takes so many operations for each element."""
    inputs = [placement.any(place) for place in layer.data]
    shape = inputs[0].shape
    cost = Cost(elementwise=operations * shape.elements)
    facts = Facts(our_word(layer.word), shape, cost, options=options)
    tensor = placement.put_facts(layer, facts, inputs, placement.axis(layer.data[0]))
    _note_unusual(placement, layer, tensor)


def layer_norm(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a norm over one axis, which then holds the channels, or a foreign one over several."""
    axes, count = _axes(layer), len(placement.dims(layer.x))
    axis = place_axis(axes[0] if axes else -1, count)
    _norm(placement, layer, "layer_norm", 7, axis, axis != count - 1)


def root_norm(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a norm by the root of the mean of squares, over the last axis or over several."""
    axis = len(placement.dims(layer.x)) - 1
    _norm(placement, layer, "rms_norm", 4, axis, layer.step.call.axis(-1) != axis)


def _norm(
    placement: OnnxPlacement, layer: FusedLayer, word: str, operations: int, axis: int, wide: bool
) -> None:
    """Place a norm over an axis; a foreign one if it is `wide`: one operation over several axes."""
    if wide and layer.word == layer.step.call.op:
        x = placement.any(layer.x)
        cost = Cost(elementwise=operations * x.shape.elements)
        facts = Facts(word, x.shape, cost, "in_place", role="norm")
        placement.put_facts(layer, facts, [x], placement.axis(layer.x))
        return
    op = placement.op(word, affine=placement.learns(word), eps=epsilon(layer))
    placement.put(layer, op, [placement.map(layer.x, axis)], axis)


def epsilon(layer: FusedLayer) -> float:
    """Return what a norm adds under its root, be it an attribute or a number that is added."""
    made = {step.outputs[0]: step for step in layer.steps}
    for step in layer.steps:
        added = made.get(step.inputs[0]) if step.call.op == "Sqrt" else None
        if added is not None:
            numbers = [value.numbers for value in added.call.inputs if value and value.numbers]
            return shortest(numbers[0][0], EPSILON) if numbers else EPSILON
    return layer.step.call.decimal("epsilon", EPSILON)


EPSILON = 1e-5
"""What norms of ONNX add where they say nothing."""


def _axes(layer: FusedLayer) -> tuple[int, ...]:
    """Return the axes of the mean that a norm is made of."""
    for step in layer.steps:
        if step.call.op == "ReduceMean":
            return step.call.setting("axes", 1) or ()
    return (layer.step.call.integer("axis", -1),)


def reduction(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what gathers along axes, as our own ops where they do the same."""
    op, x, out = layer.step.call.op, layer.step.inputs[0], layer.step.outputs[0]
    if op in NATIVE_REDUCTIONS and _gathers(placement, layer):
        return
    operations = REDUCTIONS[op] * placement.any(x).shape.elements
    made = placement.shape(out, placement.axis(out)).elements
    cost = Cost(elementwise=operations - min(operations, made) * (op in GATHERING))
    tensor = placement.foreign(layer, our_word(op), cost, inputs=[placement.any(x)])
    for place in layer.made()[1:]:
        placement.settle(place, tensor, None)


def _gathers(placement: OnnxPlacement, layer: FusedLayer) -> bool:
    """Place a reduction if a map has its axes: along all positions it is a global pool.

    A map without elements, of which our ops know nothing, has none.
    """
    call, x = layer.step.call, layer.step.inputs[0]
    dims, channels = placement.dims(x), placement.axis(x)
    if 0 in dims:
        return False
    count, keeps = len(dims), call.flag("keepdims", default=True)
    axes = {place_axis(axis, count) for axis in call.setting("axes", 1) or range(count)}
    if axes == set(range(1, count)) - {channels} and call.op in GLOBAL:
        op = placement.op(GLOBAL[call.op])
        placement.put(layer, op, [placement.map(x, channels)], channels if keeps else 1)
        return True
    sizes = [size_of(dims, channels, axis, placement.batch) for axis in axes if dims[axis] != 1]
    over = tuple(sorted([size for size in sizes if size is not None]))
    if not over or len(over) < len(sizes):
        return False
    _reduce(placement, layer, over, set() if keeps else axes)
    return True


def _reduce(
    placement: OnnxPlacement, layer: FusedLayer, over: tuple[int, ...], gone: set[int]
) -> None:
    """Place a reduction as our own ops; some axes are gone from what comes out."""
    x, out = layer.step.inputs[0], layer.step.outputs[0]
    channels = placement.axis(x)
    tensor = placement.map(x, channels)
    words = NATIVE_REDUCTIONS[layer.step.call.op]
    *before, last = [
        placement.op(word, over=over) if word in OVER else placement.op(word) for word in words
    ]
    for op in before:
        tensor = placement.net.build(op, tensor)
    there = channels - sum([axis < channels for axis in gone])
    axis = placement.axis(out) if channels in gone else there
    placement.put(layer, last, [tensor], axis, loose=True)


def embedding(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place rows of two or three tables that are added and normalised."""
    axis = len(placement.dims(layer.step.outputs[0])) - 1
    operations = 7 + 1 + (layer.step.call.given(1) is not None)
    placement.foreign(layer, "embedding", each=operations, axis=axis)


def folding(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place columns that are added up as an image: an addition for each number."""
    x = placement.any(layer.step.inputs[0])
    placement.foreign(layer, "fold", Cost(elementwise=x.shape.elements), inputs=[x])


def place_unknown(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what is not counted: its params, and its shape where that is known."""
    inputs = [placement.any(place) for place in layer.data]
    for index, place in enumerate(layer.made()):
        known = placement.flow.value(place).dims is not None
        shape = placement.shape(place, placement.axis(place)) if known else Unsized()
        facts = Facts(layer.word, shape, FREE, counted=False)
        if not index:
            tensor = placement.put_facts(layer, facts, inputs, 0)
        placement.settle(place, tensor, None)


def our_word(op: str) -> str:
    """Return a word as our own are: `ReduceSum` is `reduce_sum`."""
    return "".join(["_" + c.lower() if c.isupper() else c for c in op]).lstrip("_")
