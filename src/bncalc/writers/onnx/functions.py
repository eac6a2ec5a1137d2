"""Functions in ONNX: activations, joins, and what moves, cuts or gathers elements."""

from __future__ import annotations

from math import prod
from typing import Any

from bncalc.model.shape import Shape
from bncalc.model.window import axes_of, ends, spread
from bncalc.writers.onnx.maker import AttributeValue, Maker
from bncalc.writers.onnx.windows import OpWriter


def plain(kind: str, **attributes: AttributeValue) -> OpWriter:
    return lambda maker, op, inputs, shapes, output: maker.node(kind, inputs[0], **attributes)


def relu6(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    return maker.node("Clip", inputs[0], maker.number(0.0), maker.number(6.0))


def prelu(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    slopes = output.channels if op.slopes == "channel" else 1
    return maker.node("PRelu", inputs[0], maker.weight("weight", slopes, *(1,) * output.axes))


def factored(kind: str, field: str) -> OpWriter:
    """Return what writes a function whose attribute alpha is a field of the op."""
    return lambda maker, op, inputs, shapes, output: maker.node(
        kind, inputs[0], alpha=float(getattr(op, field))
    )


def gelu(maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape) -> str:
    return maker.node("Gelu", inputs[0], **({"approximate": "tanh"} if op.approximate else {}))


def softplus(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    if op.beta == 1:
        return maker.node("Softplus", inputs[0])
    factor = maker.number(float(op.beta))
    return maker.node("Div", maker.node("Softplus", maker.node("Mul", inputs[0], factor)), factor)


def silu(maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape) -> str:
    return maker.node("Mul", inputs[0], maker.node("Sigmoid", inputs[0]))


def square(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    return maker.node("Mul", inputs[0], inputs[0])


def softmax(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    axes = axes_of(op.over, output)
    if len(axes) == 1:
        return maker.node("Softmax", inputs[0], axis=axes[0] + 1)
    before, after = output[: axes[0]], output[axes[-1] + 1 :]
    flat = (*before, prod(output[axes[0] : axes[-1] + 1]), *after)
    made = maker.node("Softmax", maker.reshaped(inputs[0], flat), axis=axes[0] + 1)
    return maker.reshaped(made, output)


def reduced(kind: str) -> OpWriter:
    def write(
        maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
    ) -> str:
        over = axes_of(op.over, shapes[0])
        if not over:  # which ONNX takes for all of them
            return inputs[0]
        axes = maker.numbers(*[axis + 1 for axis in over])
        return maker.node(kind, inputs[0], axes, keepdims=1)

    return write


def joined(kind: str) -> OpWriter:
    def write(
        maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
    ) -> str:
        aligned = []
        for name, x in zip(inputs, shapes, strict=True):
            short = len(x) < len(output)
            aligned.append(maker.reshaped(name, output.single(x.channels)) if short else name)
        if kind == "Add" and len(aligned) > 2:
            return maker.node("Sum", *aligned)
        made = aligned[0]
        for name in aligned[1:]:
            made = maker.node(kind, made, name)
        return made

    return write


def concatenated(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    (axis,) = axes_of(op.over, shapes[0])
    return maker.node("Concat", *inputs, axis=axis + 1)


def same(maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape) -> str:
    return inputs[0]


def reshape(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    return maker.reshaped(inputs[0], output)


def cut(maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape) -> str:
    (axis,) = axes_of(op.over, shapes[0])
    start = op.first(shapes[0])
    return sliced(maker, inputs[0], {axis: (start, start + output[axis])})


def crop(maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape) -> str:
    starts = [start for start, _ in ends(op.size, output.axes, "size")]
    sizes = zip(starts, output.space, strict=True)
    ranges = {axis + 1: (start, start + size) for axis, (start, size) in enumerate(sizes)}
    return sliced(maker, inputs[0], ranges)


def sliced(maker: Maker, name: str, ranges: dict[int, tuple[int, int]]) -> str:
    """Cut a map along some axes, counted from 0, the channels."""
    starts = maker.numbers(*[start for start, _ in ranges.values()])
    stops = maker.numbers(*[stop for _, stop in ranges.values()])
    return maker.node("Slice", name, starts, stops, maker.numbers(*[axis + 1 for axis in ranges]))


def roll(maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape) -> str:
    made = inputs[0]
    for axis, by in enumerate(spread(op.by, output.axes, "by"), start=1):
        size = output[axis]
        at = size - by % size
        if at < size:
            last = sliced(maker, made, {axis: (at, size)})
            made = maker.node("Concat", last, sliced(maker, made, {axis: (0, at)}), axis=axis + 1)
    return made


def permute(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    return maker.node("Transpose", inputs[0], perm=[0, *[axis + 1 for axis in op.order]])


def transpose(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    order = list(range(len(output) + 1))
    last = (len(output) - 2, len(output) - 1)
    a, b = last if op.axes is None else axes_of(op.axes, shapes[0], "axes")
    order[a + 1], order[b + 1] = order[b + 1], order[a + 1]
    return maker.node("Transpose", inputs[0], perm=order)


def shuffle(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    apart = (op.groups, output.channels // op.groups, *output.space)
    order = [0, 2, 1, *range(3, output.axes + 3)]
    swapped = maker.node("Transpose", maker.reshaped(inputs[0], apart), perm=order)
    return maker.reshaped(swapped, output)


def pixel_shuffle(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    if output.axes == 2 and op.order in ("crd", "dcr"):
        mode: str = op.order.upper()
        return maker.node("DepthToSpace", inputs[0], blocksize=op.factor, mode=mode)
    return _turned(maker, op, inputs[0], shapes[0], output)


def space_to_depth(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    if output.axes == 2 and op.order == "dcr":
        return maker.node("SpaceToDepth", inputs[0], blocksize=op.factor)
    return _turned(maker, op, inputs[0], shapes[0], output)


def _turned(maker: Maker, op: Any, source: str, x: Shape, output: Shape) -> str:
    order = [0, *[place + 1 for place in op.turn(x.axes)]]
    moved = maker.node("Transpose", maker.reshaped(source, op.parted(x)), perm=order)
    return maker.reshaped(moved, output)


def padded(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    pairs = ends(op.size, output.axes, "size")
    sizes = [0, 0, *[start for start, _ in pairs], 0, 0, *[end for _, end in pairs]]
    modes = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    filling = [maker.number(float(op.value))] if op.mode == "zeros" and op.value else []
    return maker.node("Pad", inputs[0], maker.numbers(*sizes), *filling, mode=modes[op.mode])


WRITERS: dict[str, OpWriter] = {
    "relu": plain("Relu"),
    "relu6": relu6,
    "leaky_relu": factored("LeakyRelu", "slope"),
    "prelu": prelu,
    "elu": factored("Elu", "alpha"),
    "silu": silu,
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
    "square": square,
    "mean": reduced("ReduceMean"),
    "sum": reduced("ReduceSum"),
    "max": reduced("ReduceMax"),
    "add": joined("Add"),
    "multiply": joined("Mul"),
    "subtract": joined("Sub"),
    "divide": joined("Div"),
    "concat": concatenated,
    "identity": same,
    "dropout": same,
    "drop_path": same,
    "flatten": reshape,
    "reshape": reshape,
    "permute": permute,
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
