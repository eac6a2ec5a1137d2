"""Convolutions, pooling, resampling, and norms over channels on axis 1."""

from __future__ import annotations

from math import prod
from typing import Any

from bncalc.model.op import Op
from bncalc.model.window import default_padding
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.patterns import SHIFT
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing.functions import EPSILON, epsilon
from bncalc.readers.onnx.placing.standardising import is_of_batch, standardising
from bncalc.readers.onnx.shapes.windows import is_channels_last, weight_sizes
from bncalc.readers.onnx.value import Dims
from bncalc.readers.shuffles import shuffle_of


def convolution(
    placement: OnnxPlacement, layer: FusedLayer, weights: int = 1, bias: int = 2
) -> None:
    """Place a convolution; `weights` and `bias` are the inputs that hold them.

    One of integers alone has no bias: a zero point is in its place.
    """
    call, axis = layer.core.call, _axis(placement, layer)
    has_bias = call.op != "ConvInteger" and call.given(bias) is not None
    dims = weight_sizes(call, weights)
    is_biased = SHIFT in layer.names or has_bias
    how = standardising(placement.flow, layer.core.inputs[weights])
    gain = how is not None and placement.learned.weights > prod(dims)
    further = placement.shape(layer.x, axis).axes + 2 - len(dims)
    # the model holds the attributes
    key = id(call.attributes), dims, further, is_biased, gain, how
    op = placement.convolutions.get(key)
    if op is None:
        settings = {"bias": is_biased, **_sliding(call, dims[2:], further)}
        settings = {"out": dims[0], "groups": call.integer("group", 1), **settings}
        if how is None:
            op = placement.op("conv", **settings)
        else:
            op = placement.op("standardised_conv", gain=gain, **how._asdict(), **settings)
        placement.convolutions[key] = op
    _put(placement, layer, op, weights, axis)


def quantised_convolution(placement: OnnxPlacement, layer: FusedLayer) -> None:
    convolution(placement, layer, 3, 8)


def transposed_convolution(placement: OnnxPlacement, layer: FusedLayer) -> None:
    call, dims = layer.core.call, layer.core.call.dims(1)
    axes, groups = len(dims) - 2, call.integer("group", 1)
    axis = _axis(placement, layer)
    settings = _sliding(call, dims[2:], placement.shape(layer.x, axis).axes - axes)
    none = (0,) * (len(settings["kernel"]) - axes)
    op = placement.op(
        "conv_transpose",
        out=dims[1] * groups,
        kernel=settings["kernel"],
        stride=settings["stride"],
        dilation=settings["dilation"],
        padding=(*none, *_ends(call, axes)[0]),
        output_padding=(*none, *call.integers("output_padding", (0,) * axes)),
        groups=groups,
        bias=SHIFT in layer.names or call.given(2) is not None,
    )
    _put(placement, layer, op, 1, axis)


def _put(placement: OnnxPlacement, layer: FusedLayer, op: Op, weights: int, axis: int) -> None:
    """Place a convolution; weights that are data are a further input."""
    inputs = [placement.exact(layer.x, axis)]
    place = layer.core.inputs[weights]
    if placement.flow.is_data(place):
        inputs.append(placement.any(place))
    placement.put(layer, op, inputs, axis)


def _axis(placement: OnnxPlacement, layer: FusedLayer) -> int:
    """Return the axis of the channels: behind the batch, or the last where they were turned."""
    last = len(placement.dims(layer.x)) - 1
    return last if is_channels_last(layer.core.call) else 1


def _sliding(call: OnnxCall, kernel: Dims, further: int) -> dict[str, Any]:
    """Return kernel, stride, dilation and padding as our ops have them.

    What a batch was multiplied by, windows of a map, is one more axis that nothing slides along:
    `further` says how many there are.
    """
    axes, along, none = len(kernel), (1,) * further, (0,) * further
    dilation = (*along, *call.integers("dilations", (1,) * axes))
    padding = _further(none, _padding(call, axes), axes)
    kernel = (*along, *kernel)
    usual = padding == default_padding(kernel, dilation)
    same = call.text("auto_pad").startswith("SAME")
    return {
        "kernel": kernel,
        "stride": (*along, *call.integers("strides", (1,) * axes)),
        "dilation": dilation,
        "padding": "same" if same else "default" if usual else padding,
    }


def _further(none: Dims, padding: Dims, axes: int) -> Dims:
    """Return padding with that of further axes, of which there is none."""
    return (*none, *padding) if len(padding) == axes else (*none, *none, *padding)


def _padding(call: OnnxCall, axes: int) -> Dims:
    """Return positions added to each axis; for both of its ends where they differ."""
    begins, ends = _ends(call, axes)
    pairs = zip(begins, ends, strict=True)
    return begins if begins == ends else tuple([size for pair in pairs for size in pair])


def _ends(call: OnnxCall, axes: int) -> tuple[Dims, Dims]:
    """Return the positions added at the begin and at the end of each axis."""
    valid = call.text("auto_pad") == "VALID"
    pads = (0,) * 2 * axes if valid else call.integers("pads", (0,) * 2 * axes)
    return pads[:axes], pads[axes:]


def pooling(placement: OnnxPlacement, layer: FusedLayer) -> None:
    call = layer.step.call
    kernel = call.integers("kernel_shape")
    word, ceil = "max_pool" if "Max" in call.op else "avg_pool", call.flag("ceil_mode")
    axis = _axis(placement, layer)
    further = placement.shape(layer.x, axis).axes - len(kernel)
    settings = _sliding(call, kernel, further)
    if word == "avg_pool":
        is_padded = settings["padding"] == "same" or any(call.integers("pads"))
        settings["count_padding"] = not is_padded or call.flag("count_include_pad")
    op = placement.op(word, ceil=ceil, **settings)
    placement.put(layer, op, [placement.exact(layer.x, axis)], axis)


def norm_pooling(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place the root of a sum of powers: of k numbers k powers, k − 1 additions and the root."""
    window = layer.step.call.integers("kernel_shape", placement.dims(layer.x)[2:])
    inputs = [placement.exact(layer.x, 1)]
    placement.foreign(layer, "lp_pool", each=2 * prod(window), inputs=inputs, axis=1)


def global_pooling(placement: OnnxPlacement, layer: FusedLayer) -> None:
    op = placement.op("global_max_pool" if "Max" in layer.word else "global_avg_pool")
    axis = _axis(placement, layer)
    placement.put(layer, op, [placement.exact(layer.x, axis)], axis)


def batch_norm(placement: OnnxPlacement, layer: FusedLayer) -> None:
    op = placement.op("batch_norm", eps=epsilon(layer))
    tensor = placement.put(layer, op, [placement.exact(layer.x, 1)], 1)
    if is_of_batch(layer.core.call):
        placement.codes[tensor.node] = "it takes the statistics of the batch, as in training"


def instance_norm(placement: OnnxPlacement, layer: FusedLayer) -> None:
    affine = placement.learns("instance_norm")
    op = placement.op("instance_norm", affine=affine, eps=epsilon(layer))
    placement.put(layer, op, [placement.exact(layer.x, 1)], 1)


def group_norm(placement: OnnxPlacement, layer: FusedLayer) -> None:
    axis = _axis(placement, layer)
    placement.put(layer, group_norm_of(placement, layer), [placement.exact(layer.x, axis)], axis)


def group_norm_of(placement: OnnxPlacement, layer: FusedLayer) -> Op:
    """Return the norm by groups that a layer is, be it one operation or several."""
    call = layer.step.call
    if len(layer.steps) > 1:
        norms = [step.call for step in layer.steps if step.call.op == "InstanceNormalization"]
        call, groups = norms[0], norms[0].dims()[1]
    else:
        groups = call.integer("groups" if call.domain else "num_groups", 1)
    eps, affine = call.decimal("epsilon", EPSILON), placement.learns("group_norm")
    return placement.op("group_norm", groups=groups, affine=affine, eps=eps)


def local_response_norm(placement: OnnxPlacement, layer: FusedLayer) -> None:
    call = layer.step.call
    op = placement.op(
        "local_response_norm",
        size=call.integer("size", 5),
        alpha=call.decimal("alpha", 1e-4),
        beta=call.decimal("beta", 0.75),
        k=call.decimal("bias", 1.0),
    )
    placement.put(layer, op, [placement.exact(layer.x, 1)], 1)


def depth_to_space(placement: OnnxPlacement, layer: FusedLayer) -> None:
    mode = layer.step.call.text("mode", "DCR").lower()
    factor, order = _shuffled(placement, layer, "crd" if mode == "crd" else "dcr")
    op = placement.op("pixel_shuffle", factor=factor, order=order)
    placement.put(layer, op, [placement.exact(layer.x, 1)], 1)


def channel_shuffle(placement: OnnxPlacement, layer: FusedLayer) -> None:
    groups, _ = _shuffled(placement, layer)
    op = placement.op("channel_shuffle", groups=groups)
    placement.put(layer, op, [placement.exact(layer.x, 1)], 1)


def space_to_depth(placement: OnnxPlacement, layer: FusedLayer) -> None:
    factor, order = _shuffled(placement, layer, "dcr")
    op = placement.op("space_to_depth", factor=factor, order=order)
    placement.put(layer, op, [placement.exact(layer.x, 1)], 1)


def _shuffled(placement: OnnxPlacement, layer: FusedLayer, order: str = "") -> tuple[int, str]:
    """Return the factor or the groups of a shuffle, be it one operation or three, and its order."""
    if len(layer.steps) == 1:
        return layer.step.call.integer("blocksize", 1), order
    last, turn, first = layer.steps
    places = (first.inputs[0], turn.inputs[0], last.outputs[0])
    before, between, after = map(placement.dims, places)
    shuffle = shuffle_of(turn.call.integers("perm"), before, between, after)
    assert shuffle is not None  # or the three were not put together
    return shuffle.number, shuffle.order
