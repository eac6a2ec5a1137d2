"""What onnxruntime fuses: sums, norms and activations with what is before them, as our own ops."""

from __future__ import annotations

from bncalc.model.cost import Cost
from bncalc.model.net import Tensor
from bncalc.model.op import Op
from bncalc.model.ops.activation import Gelu
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape
from bncalc.readers.axes import alike
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing.functions import function
from bncalc.readers.onnx.placing.windows import group_norm_of
from bncalc.readers.onnx.placing.words import NATIVE, PER_ELEMENT
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.shapes.windows import is_channels_last


def added_norm(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a sum of maps, with a bias of its own or not, and the norm of it."""
    step, simplified = layer.step, "Simplified" in layer.word
    axis = len(placement.dims(step.outputs[0])) - 1
    maps = [placement.map(place, axis) for place in layer.data]
    total = placement.net.op("add", *maps) if len(maps) > 1 else maps[0]
    for slot in (1, 3 if simplified else 4):
        if step.call.given(slot) is not None and not placement.flow.is_data(step.inputs[slot]):
            total = _with_constant(placement, total, step.inputs[slot])
    norm = placement.op("rms_norm" if simplified else "layer_norm")
    placement.put(layer, norm, [total], axis)
    if len(step.outputs) > 3 and step.outputs[3] != NONE:
        placement.settle(step.outputs[3], total, axis)


def added_group_norm(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a sum of two maps, with a bias of its own or not, and the norm of it by groups."""
    call, (first, _, _, second, *rest) = layer.step.call, layer.step.inputs
    axis = len(call.dims()) - 1 if is_channels_last(call) else 1
    x = placement.map(first, axis)
    whole = placement.dims(second) == call.dims()
    per_channel = Shape(x.channels, *(1,) * x.shape.axes)
    other = placement.map(second, axis) if whole else placement.view(second, per_channel, None)
    total = placement.net.op("add", x, other)
    if call.given(4) is not None:
        total = _with_constant(placement, total, rest[0])
    placement.put(layer, group_norm_of(placement, layer), [total], axis)
    if len(layer.step.outputs) > 1 and layer.step.outputs[1] != NONE:
        placement.settle(layer.step.outputs[1], total, axis)


def split_activation(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a bias, and GELU of half of the channels times the other half."""
    place = layer.step.inputs[0]
    axis = len(placement.dims(place)) - 1
    x = placement.map(place, axis)
    cost, each = Cost(elementwise=x.shape.elements), Gelu.operations + 1
    placement.foreign(layer, "split_gelu", cost, each=each, inputs=[x], axis=axis)


def biased_activation(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place GELU after a bias that is added to each channel, if there is one."""
    step, place = layer.step, layer.step.inputs[0]
    given = step.call.given(1) is not None
    if given and placement.flow.is_data(step.inputs[1]):
        function(placement, layer)
        return
    axis = len(placement.dims(place)) - 1
    x = placement.map(place, axis) if given else placement.any(place)
    x = _with_constant(placement, x, step.inputs[1]) if given else x
    placement.put(
        layer, placement.op("gelu"), [x], axis if given else placement.axis(place), loose=True
    )


def _with_constant(placement: OnnxPlacement, x: Tensor, place: int) -> Tensor:
    """Place a constant, its channels last, that is added; what another layer learned stays out."""
    dims = (1,) * (1 + x.shape.axes - len(placement.dims(place))) + placement.dims(place)
    shape = alike(dims, len(dims) - 1, x.shape)
    if shape is None:
        return x
    constant = placement.part(placement.op("parameter", shape=tuple(shape)))
    return x if constant is None else placement.net.op("add", x, constant)


ADDED = {"Conv": 3, "FusedConv": 3, "NhwcFusedConv": 3}
"""Which input is added to what an operation puts out."""
ACTIVATED = {"GemmFastGelu": "Gelu"}
"""Activations that the name of an operation says."""


def finish(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what an operation does after its own work: the sum with a map, then an activation."""
    call, (out, *_) = layer.step.call, layer.step.outputs
    added = ADDED.get(call.op)
    axis = placement.known_axis(out)
    tensor = made = placement.any(out)
    if added is not None and call.given(added) is not None:
        other = placement.alongside(layer.step.inputs[added], out)
        tensor = placement.net.op("add", tensor, other)
    activation = _activation(call, tensor)
    if activation is not None:
        tensor = placement.net.build(activation, tensor)
    if tensor is not made:
        placement.settle(out, tensor, axis)


def _activation(call: OnnxCall, x: Tensor) -> Op | None:
    """Return the activation that an operation names; one without a word is counted by its name."""
    word = ACTIVATED.get(call.op) or call.text("activation")
    if call.attributes.get("activation") == 1:  # as norms by groups say it
        return op_named("silu")()
    limits = call.attributes.get("activation_params")
    if word == "Clip" and limits == (0.0, 6.0):
        return op_named("relu6")()
    if word in NATIVE:
        return op_named(NATIVE[word])()
    if not word:
        return None
    operations = PER_ELEMENT.get(word)
    cost = Cost(elementwise=(operations or 0) * x.shape.elements)
    return Foreign(Facts(word.lower(), x.shape, cost, counted=operations is not None))
