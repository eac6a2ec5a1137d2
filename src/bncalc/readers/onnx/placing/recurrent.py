"""Recurrent layers: what each gate multiplies, and what PyTorch has no such layer for."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from bncalc.model.cost import Cost
from bncalc.model.net import Tensor
from bncalc.model.ops.foreign import Facts
from bncalc.model.ops.recurrent import Lstm
from bncalc.model.shape import Shape
from bncalc.readers.layout import turn
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.stream import LARGE
from bncalc.readers.onnx.stretches import AxisStretch, part_of
from bncalc.readers.onnx.value import Dims

PEEPHOLES = 7
"""The input by which gates of an LSTM see its cell; the language has no such layer."""
_NATIVE = {"DynamicQuantizeLSTM": "lstm", "GRU": "gru", "LSTM": "lstm"}
FOREIGN = {"LSTM": ("lstm", 4, Lstm.operations + 6), "RNN": ("rnn", 1, 2)}
"""Word, gates, and operations for each feature and step beside biases, of what we have no op for.

Peepholes are a product and a sum for three gates; without gates there are a sum and a function.
"""
_FUNCTIONS = ("sigmoid", "tanh", "tanh")
"""What the gates of an LSTM are taken through; those of a GRU are the first two."""


def recurrent(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a recurrent layer: each gate is a product with the input and one with the state."""
    call = layer.step.call
    dims, directions, hidden = call.dims(), call.dims(1)[0], call.integer("hidden_size")
    sequences = max(dims[0 if call.flag("layout") else 1] // placement.batch, 1)
    positions = prod(dims[:2]) // placement.batch
    native, bias = _NATIVE.get(call.op), call.given(3) is not None
    if native is not None and call.given(PEEPHOLES) is None:
        both = directions == 2
        op = placement.op(native, hidden=hidden, bidirectional=both, bias=bias, areas=sequences)
        x = _steps_last(placement, layer.step, Shape(dims[-1], positions))
        tensor = placement.put(layer, op, [x], 2, loose=True)
        if unlike := [*_unlike(placement.flow, layer.step)]:
            reason = f"bncalc cannot write {' and '.join(unlike)} of {call.op}"
            placement.codes[tensor.node] = reason
    else:
        word, gates, operations = FOREIGN["RNN" if call.op == "RNN" else "LSTM"]
        outputs = positions * directions * hidden
        operations += 2 * gates * bias
        macs = outputs * gates * (dims[-1] + hidden)
        cost = Cost(macs=macs, elementwise=outputs * operations, activations=outputs)
        facts = Facts(word, Shape(directions * hidden, positions), cost, family="product")
        inputs = [placement.any(place) for place in layer.data]
        tensor = placement.put_facts(layer, facts, inputs, 2)
    _put_out(placement, layer.step, tensor, sequences)


def _steps_last(placement: OnnxPlacement, step: NodeStep, wanted: Shape) -> Tensor:
    """Return what arrives as a map of one axis: the steps of one sequence, then of the next."""
    order = (2, 0, 1) if step.call.flag("layout") else (2, 1, 0)
    return placement.exactly(step.inputs[0], wanted, order)


def _put_out(placement: OnnxPlacement, step: NodeStep, tensor: Tensor, sequences: int) -> None:
    """Note what is put out: the features of all steps, and what is left after the last ones."""
    whole, *states = step.outputs
    batch_first = step.call.flag("layout")
    _hold(placement, whole, tensor, (2, 3, 0, 1) if batch_first else (1, 3, 2, 0))
    for place, is_cell in zip(states, (False, True), strict=False):
        if not placement.flow.is_used(place):
            continue
        if is_cell:
            facts = Facts("cell", placement.shape(place, 2))
            placement.settle(place, placement.place_facts(facts, tensor), None)
        else:
            directions = step.call.dims(1)[0]
            last = _after_all_steps(tensor, directions, sequences)
            _hold(placement, place, last, (1, 2, 0) if batch_first else (0, 2, 1))


def _hold(placement: OnnxPlacement, place: int, tensor: Tensor, order: Dims) -> None:
    """Note that a value, its axes in an order, is a map."""
    placement.settle(place, tensor, None)
    dims = placement.dims(place)
    if tensor.shape.elements == prod(dims):
        placement.orders.hold(place, turn(dims, order).inverse())


def _after_all_steps(x: Tensor, directions: int, sequences: int) -> Tensor:
    """Return the features of the last steps: the first ones of what runs from the end."""
    channels, positions = x.shape
    steps = positions // sequences
    if sequences > 1:
        x = x.net.op("reshape", x, to=(channels, sequences, steps))
    over, hidden = len(x.shape) - 1, channels // directions
    ways = [
        part_of(x, AxisStretch(way * hidden, hidden, channels, 0), 0) if directions > 1 else x
        for way in range(directions)
    ]
    last = [
        part_of(own, AxisStretch(0 if way else steps - 1, 1, steps, over), over)
        for way, own in enumerate(ways)
    ]
    return x.net.op("concat", *last) if directions > 1 else last[0]


def _unlike(flow: Flow, step: NodeStep) -> Iterator[str]:
    """Yield what makes a layer another function than that of PyTorch, as the standard calls it."""
    call = step.call
    if call.text("direction") == "reverse":
        yield "direction reverse"
    given = call.attributes.get("activations")
    named = given if isinstance(given, tuple) else ()
    functions = [each.decode("utf-8", "replace") for each in named if isinstance(each, bytes)]
    gates = _FUNCTIONS[: 2 if call.op == "GRU" else 3]
    usual = gates * (len(functions) // len(gates))
    if tuple([each.lower() for each in functions]) != usual:
        yield f"activations {' '.join(functions)}"
    if "clip" in call.attributes:
        yield f"clip {call.real('clip', 0):g}"
    if call.op == "GRU" and not call.flag("linear_before_reset"):
        yield "linear_before_reset 0"
    if call.flag("input_forget"):
        yield "input_forget 1"
    for name, place in zip(_FURTHER, step.inputs[4:], strict=False):
        if place != NONE and not _is_usual(flow, place, call):
            yield name


_FURTHER = ("sequence_lens", "initial_h", "initial_c")
"""The inputs after weights and biases."""


def _is_usual(flow: Flow, place: int, call: OnnxCall) -> bool:
    """Tell whether sequences are as long as they may be, or begin with a state of zeros."""
    value = flow.value(place)
    if not value.is_float:
        steps = call.dims()[1 if call.flag("layout") else 0]
        return value.numbers is not None and {*value.numbers} <= {steps}
    if value.numbers is not None:
        return not any(value.numbers)
    name, data = flow.trace.names[place], flow.trace.wire.data
    tensors = [each for each in flow.trace.graph.tensors if each.name == name]
    spans = [slice(start, stop) for each in tensors for _, start, stop in each.data]
    size = sum([span.stop - span.start for span in spans])
    return 0 < size <= LARGE and not any(any(data[span]) for span in spans)
