"""Functions in ONNX: activations, joins, and what moves, cuts or gathers elements."""

from __future__ import annotations

from math import prod

from bncalc.model.window import axes_of, ends, spread
from bncalc.writers.onnx.calls import moves
from bncalc.writers.onnx.calls.tensors import OnnxTensor
from bncalc.writers.onnx.maker import AttributeValue, Maker, OpWriter, PlacedOp


def plain(kind: str, **attributes: AttributeValue) -> OpWriter:
    return lambda maker, layer: maker.node(kind, layer.source, **attributes)


def prelu(maker: Maker, layer: PlacedOp) -> str:
    slopes = layer.output.channels if layer.op.slopes == "channel" else 1
    weight = maker.weight("weight", slopes, *(1,) * layer.output.axes)
    return maker.node("PRelu", layer.source, weight)


def factored(kind: str, field: str) -> OpWriter:
    """Return what writes a function whose attribute alpha is a field of the op."""
    return lambda maker, layer: maker.node(
        kind, layer.source, alpha=float(getattr(layer.op, field))
    )


def gelu(maker: Maker, layer: PlacedOp) -> str:
    own = {"approximate": "tanh"} if layer.op.approximate else {}
    return maker.node("Gelu", layer.source, **own)


def softplus(maker: Maker, layer: PlacedOp) -> str:
    if layer.op.beta == 1:
        return maker.node("Softplus", layer.source)
    factor = maker.number(float(layer.op.beta))
    scaled = maker.node("Mul", layer.source, factor)
    return maker.node("Div", maker.node("Softplus", scaled), factor)


def softmax(maker: Maker, layer: PlacedOp) -> str:
    output = layer.output
    axes = axes_of(layer.op.over, output)
    if len(axes) == 1:
        return maker.node("Softmax", layer.source, axis=axes[0] + 1)
    before, after = output[: axes[0]], output[axes[-1] + 1 :]
    flat = (*before, prod(output[axes[0] : axes[-1] + 1]), *after)
    made = maker.node("Softmax", maker.reshaped(layer.source, flat), axis=axes[0] + 1)
    return maker.reshaped(made, output)


def reduced(kind: str) -> OpWriter:
    def write(maker: Maker, layer: PlacedOp) -> str:
        over = axes_of(layer.op.over, layer.x)
        if not over:  # which ONNX takes for all of them
            return layer.source
        axes = maker.numbers(*[axis + 1 for axis in over])
        return maker.node(kind, layer.source, axes, keepdims=1)

    return write


def joined(kind: str) -> OpWriter:
    def write(maker: Maker, layer: PlacedOp) -> str:
        aligned = []
        for name, x in zip(layer.inputs, layer.shapes, strict=True):
            short = len(x) < len(layer.output)
            aligned.append(maker.reshaped(name, layer.output.single(x.channels)) if short else name)
        if kind == "Add" and len(aligned) > 2:
            return maker.node("Sum", *aligned)
        made = aligned[0]
        for name in aligned[1:]:
            made = maker.node(kind, made, name)
        return made

    return write


def concatenated(maker: Maker, layer: PlacedOp) -> str:
    (axis,) = axes_of(layer.op.over, layer.x)
    return maker.node("Concat", *layer.inputs, axis=axis + 1)


def cut(maker: Maker, layer: PlacedOp) -> str:
    (axis,) = axes_of(layer.op.over, layer.x)
    start = layer.op.first(layer.x)
    return sliced(maker, layer.source, {axis: range(start, start + layer.output[axis])})


def crop(maker: Maker, layer: PlacedOp) -> str:
    starts = [start for start, _ in ends(layer.op.size, layer.output.axes, "size")]
    sizes = zip(starts, layer.output.space, strict=True)
    ranges = {axis + 1: range(start, start + size) for axis, (start, size) in enumerate(sizes)}
    return sliced(maker, layer.source, ranges)


def sliced(maker: Maker, name: str, ranges: dict[int, range]) -> str:
    """Cut a map along some axes, counted from 0, the channels."""
    starts = maker.numbers(*[each.start for each in ranges.values()])
    stops = maker.numbers(*[each.stop for each in ranges.values()])
    axes, steps = [axis + 1 for axis in ranges], [each.step for each in ranges.values()]
    skips = [maker.numbers(*steps)] if max(steps) > 1 else []
    return maker.node("Slice", name, starts, stops, maker.numbers(*axes), *skips)


def dropout(maker: Maker, layer: PlacedOp) -> str:
    rate = float(layer.op.rate)
    return maker.node("Dropout", layer.source, maker.number(rate)) if 0 < rate < 1 else layer.source


def roll(maker: Maker, layer: PlacedOp) -> str:
    by = spread(layer.op.by, layer.output.axes, "by")
    axes = tuple(range(2, len(by) + 2))
    return moves.roll(maker, OnnxTensor(layer.source, (1, *layer.output)), by, axes).name


def transpose(maker: Maker, layer: PlacedOp) -> str:
    output = layer.output
    order = list(range(len(output) + 1))
    last = (len(output) - 2, len(output) - 1)
    a, b = last if layer.op.axes is None else axes_of(layer.op.axes, layer.x, "axes")
    order[a + 1], order[b + 1] = order[b + 1], order[a + 1]
    return maker.node("Transpose", layer.source, perm=order)


def shuffle(maker: Maker, layer: PlacedOp) -> str:
    groups, output = layer.op.groups, layer.output
    apart = (groups, output.channels // groups, *output.space)
    order = [0, 2, 1, *range(3, output.axes + 3)]
    swapped = maker.node("Transpose", maker.reshaped(layer.source, apart), perm=order)
    return maker.reshaped(swapped, output)


def pixel_shuffle(maker: Maker, layer: PlacedOp) -> str:
    op = layer.op
    if layer.output.axes == 2 and op.order in ("crd", "dcr"):
        mode: str = op.order.upper()
        return maker.node("DepthToSpace", layer.source, blocksize=op.factor, mode=mode)
    return _turned(maker, layer)


def space_to_depth(maker: Maker, layer: PlacedOp) -> str:
    op = layer.op
    if layer.output.axes == 2 and op.order == "dcr":
        return maker.node("SpaceToDepth", layer.source, blocksize=op.factor)
    return _turned(maker, layer)


def _turned(maker: Maker, layer: PlacedOp) -> str:
    order = [0, *[place + 1 for place in layer.op.turn(layer.x.axes)]]
    parted = maker.reshaped(layer.source, layer.op.parted(layer.x))
    return maker.reshaped(maker.node("Transpose", parted, perm=order), layer.output)


def padded(maker: Maker, layer: PlacedOp) -> str:
    op = layer.op
    pairs = ends(op.size, layer.output.axes, "size")
    sizes = [0, 0, *[start for start, _ in pairs], 0, 0, *[end for _, end in pairs]]
    modes = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    filling = [maker.number(float(op.value))] if op.mode == "zeros" and op.value else []
    return maker.node("Pad", layer.source, maker.numbers(*sizes), *filling, mode=modes[op.mode])


WRITERS: dict[str, OpWriter] = {
    "relu": plain("Relu"),
    "relu6": lambda maker, layer: maker.node(
        "Clip", layer.source, maker.number(0.0), maker.number(6.0)
    ),
    "leaky_relu": factored("LeakyRelu", "slope"),
    "prelu": prelu,
    "elu": factored("Elu", "alpha"),
    "silu": lambda maker, layer: maker.node(
        "Mul", layer.source, maker.node("Sigmoid", layer.source)
    ),
    "gelu": gelu,
    "sigmoid": plain("Sigmoid"),
    "tanh": plain("Tanh"),
    "hard_sigmoid": plain("HardSigmoid", alpha=1 / 6, beta=0.5),
    "hard_swish": plain("HardSwish"),
    "mish": plain("Mish"),
    "softplus": softplus,
    "softmax": softmax,
    "sqrt": plain("Sqrt"),
    "exp": plain("Exp"),
    "log": plain("Log"),
    "square": lambda maker, layer: maker.node("Mul", layer.source, layer.source),
    "mean": reduced("ReduceMean"),
    "sum": reduced("ReduceSum"),
    "max": reduced("ReduceMax"),
    "add": joined("Add"),
    "multiply": joined("Mul"),
    "subtract": joined("Sub"),
    "divide": joined("Div"),
    "concat": concatenated,
    "dropout": dropout,
    **dict.fromkeys(("identity", "drop_path"), lambda maker, layer: layer.source),
    **dict.fromkeys(
        ("flatten", "reshape"), lambda maker, layer: maker.reshaped(layer.source, layer.output)
    ),
    "permute": lambda maker, layer: maker.node(
        "Transpose", layer.source, perm=[0, *[axis + 1 for axis in layer.op.order]]
    ),
    "transpose": transpose,
    "roll": roll,
    "slice": cut,
    "split": cut,
    "channel_shuffle": shuffle,
    "pixel_shuffle": pixel_shuffle,
    "space_to_depth": space_to_depth,
    "pad": padded,
    "crop": crop,
}
