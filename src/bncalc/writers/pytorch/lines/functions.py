"""Functions: norms, activations, reductions, joins, and what moves elements."""

from __future__ import annotations

from typing import Any

from bncalc.model.ops.normalisation import SMALLEST_STEP
from bncalc.model.shape import Shape
from bncalc.model.window import axes_of
from bncalc.writers.pytorch.lines.line import (
    Line,
    Write,
    last,
    number,
    sizes_of,
    sizes_text,
)
from bncalc.writers.pytorch.lines.views import reshaped


def _norm(module: str) -> Write:
    is_instance = module.startswith("nn.Instance")  # which alone learns nothing unless told to

    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
        if is_instance and output.positions == 1:
            return "PyTorch refuses to normalise a map of a single position"
        groups = [("", op.groups)] if module == "nn.GroupNorm" else []
        own = [("eps", op.eps), *([("affine", op.affine)] if op.affine is is_instance else [])]
        arguments = (*groups, ("", output.channels), *own)
        return Line("{m}({0})", module.format(max(output.axes, 1)), arguments)

    return write


def _over_channels(module: str) -> Write:
    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
        name = "eps" if module == "nn.LayerNorm" else ""
        own = [(name, op.eps)] if name or op.eps != SMALLEST_STEP else []
        own += [] if op.affine else [("elementwise_affine", False)]
        return Line(last("{m}({0})"), module, (("", output.channels), *own))

    return write


def _module(name: str, *fields: tuple[str, str]) -> Write:
    """Return how a module is written; its arguments are these fields of the op."""

    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
        arguments = tuple([(argument, getattr(op, field)) for argument, field in fields])
        return Line("{m}({0})", f"nn.{name}", arguments)

    return write


def _gelu(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    return Line("{m}({0})", "nn.GELU", (("approximate", "tanh"),) if op.approximate else ())


def _prelu(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    is_single = op.slopes == "one"
    return Line("{m}({0})", "nn.PReLU", () if is_single else (("", output.channels),))


def _softmax(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    axes = axes_of(op.over, inputs[0])
    if len(axes) == 1:
        return Line(f"{{0}}.softmax({axes[0] + 1})")
    first, last = axes[0] + 1, axes[-1] + 1
    sizes = sizes_text([inputs[0][axis] for axis in axes])
    return Line(f"{{0}}.flatten({first}, {last}).softmax({first}).unflatten({first}, ({sizes}))")


def _reduced(method: str) -> Write:
    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
        axes = tuple(axis + 1 for axis in axes_of(op.over, inputs[0]))
        if not axes:
            return Line("{0}")
        return Line(f"{{0}}.{method}({axes!r}, keepdim=True)")

    return write


def _joined(sign: str) -> Write:
    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
        axes = max(x.axes for x in inputs)
        if not _fit(inputs, axes):
            return f"the axes of {' and '.join(map(str, inputs))} cannot be matched in order"
        maps = [f"{{{i}}}{_further(axes - x.axes)}" for i, x in enumerate(inputs)]
        joined = f" {sign} ".join(maps)
        has_axes = axes == output.axes  # a model of somebody else may go on without one of size 1
        return Line(joined if has_axes else reshaped(f"({joined})", output))

    return write


def _fit(maps: tuple[Shape, ...], axes: int) -> bool:
    """Return whether maps are spread over each other once they have as many axes."""
    wide = [(x.channels, *(1,) * (axes - x.axes), *x.space) for x in maps]
    return all(len({size for size in sizes if size != 1}) < 2 for sizes in zip(*wide, strict=True))


def _further(axes: int) -> str:
    """Return what gives a map further axes of one position, before those that it has."""
    return f"[:, :{', None' * axes}]" if axes else ""


def _concat(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    (axis,) = axes_of(op.over, inputs[0])
    if len(inputs) == 1:
        return Line("{0}")
    maps = ", ".join(f"{{{i}}}" for i in range(len(inputs)))
    return Line(f"torch.cat(({maps}), {axis + 1})")


def _cut(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x = inputs[0]
    (axis,) = axes_of(op.over, x)
    start: int = op.first(x)
    return _stretch(axis, start, start + output[axis])


def _stretch(axis: int, start: int, stop: int) -> Line:
    """Return the positions of an axis from one up to another."""
    colons = ":, " * (axis + 1)
    begin = number("start", start) if start else ""
    return Line(f"{{0}}[{colons}{begin}:{number('stop', stop)}]")


def _part(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    (axis,) = axes_of(op.over, inputs[0])
    if op.parts > _MANY_PARTS:
        return _stretch(axis, op.part * output[axis], (op.part + 1) * output[axis])
    return Line(f"{{0}}.chunk({op.parts}, {axis + 1})[{op.part}]")


_MANY_PARTS = 16
"""A person would not take one of more equal parts, but so many positions."""


def _responses(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    """Norm by neighbouring channels, which PyTorch takes from three axes on."""
    call = "{m}({0})" if output.axes else "{m}({0}[..., None])[..., 0]"
    usual = op.defaults()
    own = [(name, getattr(op, name)) for name in op.aside if getattr(op, name) != usual[name]]
    return Line(call, "nn.LocalResponseNorm", (("", op.size), *own))


def _spread(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    """Move channels into space; a model of somebody else may have put the space otherwise."""
    factor: int = op.factor
    space = [size // factor for size in output.space]
    usual = Shape(output.channels * factor ** len(space), *space)
    if output.axes == 2 and op.order == "crd":
        arriving = "{0}" if inputs[0] == usual else reshaped("{0}", usual)
        return Line(f"{{m}}({arriving})", "nn.PixelShuffle", (("", factor),))
    return _turned(op, usual, output)


def _gathered(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x, factor = inputs[0], op.factor
    if x.axes == 2 and op.order == "crd":
        usual = Shape(x.channels * factor**x.axes, *[size // factor for size in x.space])
        call = "{m}({0})" if output == usual else reshaped("{m}({0})", output)
        return Line(call, "nn.PixelUnshuffle", (("", factor),))
    return _turned(op, x, output)


def _turned(op: Any, x: Shape, output: Shape) -> Line:
    order = ", ".join([str(place + 1) for place in op.turn(x.axes)])
    return Line(reshaped(f"{reshaped('{0}', op.parted(x))}.permute(0, {order})", output))


def _shuffled(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    groups: int = op.groups
    if output.axes:
        return Line("{m}({0})", "nn.ChannelShuffle", (("", groups),))
    return Line(f"{{0}}.unflatten(1, ({groups}, -1)).transpose(1, 2).flatten(1)")


def _method(name: str) -> Write:
    return lambda op, inputs, output: Line(f"{{0}}.{name}()")


def _permuted(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    order: tuple[int, ...] = op.order
    return Line(f"{{0}}.permute(0, {', '.join([str(axis + 1) for axis in order])})")


def _swapped(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    named = op.axes
    a, b = (-2, -1) if named is None else [axis + 1 for axis in axes_of(named, inputs[0])]
    return Line(f"{{0}}.transpose({a}, {b})")


def _rolled(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    pairs = zip(sizes_of(op, "by", output.axes), output.space, strict=True)
    moved = {2 + i: by if 2 * by <= n else by - n for i, (by, n) in enumerate(pairs) if by % n}
    if not moved:
        return Line("{0}")
    shifts, axes = tuple(moved.values()), tuple(moved)
    return Line(f"{{0}}.roll({shifts!r}, {axes!r})")


FUNCTIONS: dict[str, Write] = {
    "batch_norm": _norm("nn.BatchNorm{}d"),
    "instance_norm": _norm("nn.InstanceNorm{}d"),
    "group_norm": _norm("nn.GroupNorm"),
    "layer_norm": _over_channels("nn.LayerNorm"),
    "rms_norm": _over_channels("nn.RMSNorm"),
    "local_response_norm": _responses,
    "relu": _module("ReLU"),
    "relu6": _module("ReLU6"),
    "leaky_relu": _module("LeakyReLU", ("negative_slope", "slope")),
    "prelu": _prelu,
    "elu": _module("ELU", ("alpha", "alpha")),
    "silu": _module("SiLU"),
    "gelu": _gelu,
    "sigmoid": _module("Sigmoid"),
    "tanh": _module("Tanh"),
    "hard_sigmoid": _module("Hardsigmoid"),
    "hard_swish": _module("Hardswish"),
    "mish": _module("Mish"),
    "softplus": _module("Softplus", ("beta", "beta")),
    "softmax": _softmax,
    "mean": _reduced("mean"),
    "sum": _reduced("sum"),
    "sqrt": _method("sqrt"),
    "exp": _method("exp"),
    "log": _method("log"),
    "square": _method("square"),
    "permute": _permuted,
    "transpose": _swapped,
    "roll": _rolled,
    "max": _reduced("amax"),
    "add": _joined("+"),
    "multiply": _joined("*"),
    "subtract": _joined("-"),
    "divide": _joined("/"),
    "concat": _concat,
    **dict.fromkeys(("identity", "drop_path"), lambda op, inputs, output: Line("{0}")),
    "dropout": _module("Dropout", ("", "rate")),
    **dict.fromkeys(
        ("flatten", "reshape"), lambda op, inputs, output: Line(reshaped("{0}", output))
    ),
    "slice": _cut,
    "split": _part,
    "channel_shuffle": _shuffled,
    "pixel_shuffle": _spread,
    "space_to_depth": _gathered,
}
"""By the word of the op."""
