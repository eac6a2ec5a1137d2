"""Joins: sums and products of maps, with others or with constants, and concatenation."""

from __future__ import annotations

from math import isqrt

from bncalc.model.cost import Cost
from bncalc.model.net import Tensor
from bncalc.model.op import Storage
from bncalc.model.ops.foreign import Facts
from bncalc.model.shape import Shape
from bncalc.model.size_types import MOST_AXES
from bncalc.readers.axes import alike, size_of
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing.rearranging import rejoined
from bncalc.readers.onnx.placing.words import JOINS, NATIVE_JOINS, POWERS
from bncalc.readers.onnx.scope import NONE


def join(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place element by element what works on maps, or on a map and a constant."""
    step = layer.step
    data = [place for place in step.inputs if placement.flow.is_data(place)]
    out = step.outputs[0]
    full = [place for place in data if placement.dims(place) == placement.dims(out)]
    axis = placement.axis(full[0]) if full else placement.axis(out)
    if len(data) > 1:
        _join_maps(placement, layer, data, axis)
    else:
        _join_constant(placement, layer, data[0], axis)


def _join_maps(placement: OnnxPlacement, layer: FusedLayer, data: list[int], axis: int) -> None:
    inputs = _aligned(placement, data, layer.step.outputs[0], axis)
    word = JOINS[layer.word]
    if word == "multiply" and data[0] == data[-1]:
        tensor = placement.put(layer, placement.op("square"), inputs[:1], axis, loose=True)
    elif word in NATIVE_JOINS:
        tensor = placement.put(layer, placement.op(word), inputs, axis, loose=True)
    else:
        tensor = placement.foreign(layer, word, each=len(data) - 1, inputs=inputs, axis=axis)
    placement.still_scores(inputs, tensor)


def _aligned(placement: OnnxPlacement, data: list[int], out: int, axis: int) -> list[Tensor]:
    """Return maps whose axes are in one order, those that broadcast with axes of size 1."""
    dims = placement.dims(out)
    if all(placement.dims(place) == dims for place in data):
        first = placement.any(data[0])
        return [first, *[placement.alongside(place, data[0]) for place in data[1:]]]
    tensors = []
    for place in data:
        own = axis - len(dims) + len(placement.dims(place))
        if own >= 0:
            tensors.append(placement.map(place, own))
        else:
            sizes = placement.dims(place)
            tensors.append(
                placement.view(place, Shape(1, *sizes[-MOST_AXES:]), tuple(range(len(sizes))))
            )
    return tensors


def _join_constant(placement: OnnxPlacement, layer: FusedLayer, place: int, axis: int) -> None:
    step, word = layer.step, JOINS[layer.word]
    out = step.outputs[0]
    if placement.dims(place) == placement.dims(out):
        x = placement.any(place)
    else:
        (x,) = _aligned(placement, [place], out, axis)
    held = step.inputs[1 - step.inputs.index(place)] if len(step.inputs) == 2 else NONE
    own = not placement.is_of_another(held)
    shape, weights = placement.shape(out, axis), placement.learned.weights
    if own and word == "add" and weights == shape.elements and shape.positions > 1:
        tensor = placement.put(layer, placement.op("position_embedding"), [x], axis, loose=True)
    elif own and word == "multiply" and weights == shape.channels > 1:
        tensor = placement.put(layer, placement.op("layer_scale"), [x], axis, loose=True)
    elif word == "power" and (powers := POWERS.get(placement.flow.number(step.inputs[1]))):
        tensor = placement.put(layer, placement.op(powers), [x], axis, loose=True)
    else:
        placed = _offsets(placement, layer, x, axis) if own and word == "add" else None
        placed = placed or _with_parameter(placement, layer, place, held, x, axis)
        tensor = placed or _with_number(placement, layer, x, axis)
    placement.still_scores([x], tensor)


def _with_parameter(
    placement: OnnxPlacement, layer: FusedLayer, place: int, held: int, x: Tensor, axis: int
) -> Tensor | None:
    """Place a join with a constant, which becomes a layer of its own; None if it is no map.

    A single number is a fixed map of one element.
    """
    word, step = JOINS[layer.word], layer.step
    if word not in NATIVE_JOINS or held == NONE:
        return None
    rank = len(placement.dims(step.outputs[0]))
    dims = (1,) * (rank - len(placement.dims(held))) + placement.dims(held)
    shape = alike(dims, axis, x.shape)
    if shape is None and placement.dims(place) == placement.dims(step.outputs[0]):
        x = placement.map(place, axis)
        shape = alike(dims, axis, x.shape)
    parameter = placement.parameter(shape, held) if shape is not None else None
    if parameter is None:
        return None
    inputs = [x, parameter] if held == step.inputs[1] else [parameter, x]
    return placement.put(layer, placement.op(word), inputs, axis, loose=True)


def _offsets(placement: OnnxPlacement, layer: FusedLayer, x: Tensor, axis: int) -> Tensor | None:
    """Place what attention learns of offsets between positions; None where it is not that."""
    window = isqrt(x.shape[-1])
    if x.node not in placement.scores or window * window != x.shape[-1]:
        return None
    op = placement.op("relative_position_bias", window=window)
    if op.cost((x.shape,), x.shape).weights != placement.learned.weights:
        return None
    return placement.put(layer, op, [x], axis, loose=True)


def _with_number(placement: OnnxPlacement, layer: FusedLayer, x: Tensor, axis: int) -> Tensor:
    """Place a join with a number, or with constants that are no map of the model's own."""
    word, shape = JOINS[layer.word], placement.shape(layer.step.outputs[0], axis)
    shape = x.shape if x.shape.elements == shape.elements else shape
    role = word if word in ("add", "multiply") else ""
    storage: Storage = "in_place" if role else "new"
    facts = Facts(word, shape, Cost(elementwise=shape.elements), storage, role=role)
    return placement.put_facts(layer, facts, [x], axis)


def concatenation(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what joins maps along an axis; parts of one map that are joined are that map moved."""
    step, out = layer.step, layer.step.outputs[0]
    joined = step.inputs[2::3] if step.call.op == "QLinearConcat" else step.inputs
    places = [place for place in joined if place != NONE]
    data = [place for place in places if placement.flow.is_data(place)]
    along = step.call.integer("axis") % len(placement.dims(out))
    axis = placement.known_axis(data[0])
    axis = along if axis is None else axis
    over = size_of(placement.dims(out), axis, along, placement.batch)
    joins = over is not None and len(data) == len(places)
    axes = placement.shape(out, axis).axes
    again = rejoined(placement, data, along, over, axes) if joins and over is not None else None
    if again is not None:
        source, op = again
        placement.put(layer, op, [placement.map(source, axis)], axis)
        return
    inputs = [placement.exact(place, axis) for place in data]
    if over is not None and joins:
        placement.put(layer, placement.op("concat", over=(over,)), inputs, axis)
    elif len(data) == 1 and placement.learned.weights == inputs[0].channels:
        placement.put(layer, placement.op("class_token"), inputs, axis)
    else:
        placement.foreign(layer, "concat", inputs=inputs, axis=axis)
