"""Norms: functions of PyTorch that norm a map, as operations of ONNX."""

from __future__ import annotations

from bncalc.writers.onnx.calls.arithmetic import unary
from bncalc.writers.onnx.calls.gathering import reduction
from bncalc.writers.onnx.calls.moves import OnnxFunction
from bncalc.writers.onnx.calls.tensors import (
    Dims,
    OnnxTensor,
    filled,
    joined,
    of_floats,
    reshaped,
)
from bncalc.writers.onnx.maker import Maker


def layer_norm(
    maker: Maker,
    x: OnnxTensor,
    normalized_shape: Dims,
    weight: OnnxTensor | None = None,
    bias: OnnxTensor | None = None,
    eps: float = 1e-5,
) -> OnnxTensor:
    scale = weight or filled(maker, 1, tuple(normalized_shape))
    held = [scale.name, *([bias.name] if bias else [])]
    axis = -len(normalized_shape)
    made = maker.node("LayerNormalization", x.name, *held, axis=axis, epsilon=float(eps))
    return OnnxTensor(made, x.dims)


def rms_norm(
    maker: Maker,
    x: OnnxTensor,
    normalized_shape: Dims,
    weight: OnnxTensor | None = None,
    eps: float = 1.1920928955078125e-07,
) -> OnnxTensor:
    axes = tuple(range(-len(normalized_shape), 0))
    squares = joined(maker, "Pow", x, 2.0)
    mean = reduction("ReduceMean")(maker, squares, axes, keepdim=True)
    made = joined(maker, "Div", x, _root(maker, mean, eps))
    return made if weight is None else joined(maker, "Mul", made, weight)


def batch_norm(
    maker: Maker,
    x: OnnxTensor,
    running_mean: OnnxTensor | None,
    running_var: OnnxTensor | None,
    weight: OnnxTensor | None = None,
    bias: OnnxTensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> OnnxTensor:
    """Norm each channel, by what has been measured or by the numbers at hand."""
    channels = x.dims[1:2]
    if running_mean is not None and running_var is not None and not training:
        held = [
            *_scale_and_shift(maker, channels, weight, bias),
            running_mean.name,
            running_var.name,
        ]
        made = maker.node("BatchNormalization", x.name, *held, epsilon=float(eps))
        return OnnxTensor(made, x.dims)
    normed = _standardised(maker, x, eps)
    sizes = (1, *channels, *(1,) * (x.rank - 2))
    if weight is not None:
        normed = joined(maker, "Mul", normed, reshaped(maker, weight, sizes))
    return normed if bias is None else joined(maker, "Add", normed, reshaped(maker, bias, sizes))


def _standardised(maker: Maker, x: OnnxTensor, eps: float) -> OnnxTensor:
    """Return a tensor whose channels have mean 0 and variance 1."""
    axes = (0, *range(2, x.rank))
    centred = joined(maker, "Sub", x, reduction("ReduceMean")(maker, x, axes, keepdim=True))
    squares = joined(maker, "Mul", centred, centred)
    variance = reduction("ReduceMean")(maker, squares, axes, keepdim=True)
    return joined(maker, "Div", centred, _root(maker, variance, eps))


def _root(maker: Maker, squares: OnnxTensor, eps: float) -> OnnxTensor:
    made: OnnxTensor = unary("Sqrt")(maker, joined(maker, "Add", squares, float(eps)))
    return made


def _scale_and_shift(
    maker: Maker, channels: Dims, weight: OnnxTensor | None, bias: OnnxTensor | None
) -> list[str]:
    """Return the names of what multiplies and shifts each channel: 1 and 0 if not given."""
    scale, shift = weight or filled(maker, 1, channels), bias or filled(maker, 0, channels)
    return [scale.name, shift.name]


def instance_norm(
    maker: Maker,
    x: OnnxTensor,
    running_mean: OnnxTensor | None = None,
    running_var: OnnxTensor | None = None,
    weight: OnnxTensor | None = None,
    bias: OnnxTensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> OnnxTensor:
    """Norm each channel of an image, by its own numbers unless others are to be used."""
    if not use_input_stats:
        return batch_norm(maker, x, running_mean, running_var, weight, bias, eps=eps)
    names = _scale_and_shift(maker, x.dims[1:2], weight, bias)
    made = maker.node("InstanceNormalization", x.name, *names, epsilon=float(eps))
    return OnnxTensor(made, x.dims)


def grouped_norm(
    maker: Maker,
    x: OnnxTensor,
    num_groups: int,
    weight: OnnxTensor | None = None,
    bias: OnnxTensor | None = None,
    eps: float = 1e-5,
) -> OnnxTensor:
    names = _scale_and_shift(maker, x.dims[1:2], weight, bias)
    own = {"num_groups": num_groups, "epsilon": float(eps)}
    return OnnxTensor(maker.node("GroupNormalization", x.name, *names, **own), x.dims)


NORMS: dict[str, OnnxFunction] = {
    "batch_norm": of_floats(batch_norm),
    "group_norm": of_floats(grouped_norm),
    "instance_norm": of_floats(instance_norm),
    "layer_norm": of_floats(layer_norm),
    "rms_norm": of_floats(rms_norm),
}
"""By the name of the function."""
