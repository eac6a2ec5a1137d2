"""Lines: what each op is in PyTorch, as source text: the module that it needs, and its call.

In a call `{m}` is the op's module or parameter and `{0}`, `{1}` … are the maps that arrive. Maps
have the batch first: a map of C channels and axes of positions is N × C × positions.
"""

from __future__ import annotations

from collections.abc import Callable

from bncalc.errors import UsageError
from bncalc.model.graph import Node
from bncalc.model.op import Op
from bncalc.model.shape import Shape
from bncalc.model.window import axes_of, default_padding, spread
from bncalc.named import NamedTuple

Value = int | float | bool | str | tuple[int, ...]


class Line(NamedTuple):
    """One op as source. `module` is a constructor with its `arguments`, or empty."""

    call: str
    module: str = ""
    arguments: tuple[tuple[str, Value], ...] = ()

    @property
    def construction(self) -> str:
        """The constructor's call."""
        return f"{self.module}({written(self.arguments)})"


def line(node: Node, inputs: tuple[Shape, ...]) -> Line:
    """Return what a node is in PyTorch; raise UsageError for an op that has no line."""
    write = _LINES.get(node.op.word)
    if write is None or not node.op.counted:
        raise UsageError(f"{node.path}: {node.op.word} cannot be written as PyTorch")
    return write(node.op, inputs, node.output)


def written(arguments: tuple[tuple[str, Value], ...]) -> str:
    """Write arguments; those whose name is empty by position."""
    return ", ".join(f"{name}={value!r}" if name else repr(value) for name, value in arguments)


def _even(sizes: tuple[int, ...]) -> Value:
    """Return one number where all axes have the same."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


def _of(op: Op, name: str, axes: int) -> tuple[int, ...]:
    sizes: tuple[int, ...] = getattr(op, name)
    return spread(sizes, axes, name)


def _window(op: Op, x: Shape, output: Shape) -> tuple[str, Value]:
    """Return the input, padded by a function where a module cannot, and the module's padding."""
    kernel, dilation = _of(op, "kernel", x.axes), _of(op, "dilation", x.axes)
    padding: tuple[int, ...] | str = getattr(op, "padding", (0,))
    if padding == "same":
        steps = _of(op, "stride", x.axes) if getattr(op, "stride", None) else kernel
        needs = [
            max(0, (out - 1) * step + far * (taps - 1) + 1 - size)
            for size, out, step, far, taps in zip(
                x.space, output.space, steps, dilation, kernel, strict=True
            )
        ]
        return _padded([(need // 2, need - need // 2) for need in needs]), 0
    if isinstance(padding, str):
        return "{0}", _even(default_padding(kernel, dilation))
    if len(padding) == 2 * x.axes and x.axes > 1:
        pairs = [(padding[2 * axis], padding[2 * axis + 1]) for axis in range(x.axes)]
        return _padded(pairs), 0
    return "{0}", _even(spread(padding, x.axes, "padding"))


def _padded(pairs: list[tuple[int, int]], value: str = "") -> str:
    flat = ", ".join(str(size) for pair in reversed(pairs) for size in pair)
    return f"F.pad({{0}}, ({flat}){value})"


def _convolution(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x = inputs[0]
    arriving, padding = _window(op, x, output)
    arguments: list[tuple[str, Value]] = [
        ("", x.channels),
        ("", output.channels),
        ("", _even(_of(op, "kernel", x.axes))),
    ]
    rest: tuple[tuple[str, Value, Value], ...] = (
        ("stride", _even(_of(op, "stride", x.axes)), 1),
        ("padding", padding, 0),
        ("dilation", _even(_of(op, "dilation", x.axes)), 1),
        ("groups", getattr(op, "groups", 1), 1),
        ("bias", getattr(op, "bias", False) is True, True),
    )
    arguments += [(name, value) for name, value, usual in rest if value != usual]
    return Line(f"{{m}}({arriving})", f"nn.Conv{x.axes}d", tuple(arguments))


def _transposed(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x = inputs[0]
    names = ("stride", "padding", "output_padding", "dilation")
    arguments: list[tuple[str, Value]] = [
        ("", x.channels),
        ("", output.channels),
        ("", _even(_of(op, "kernel", x.axes))),
        *((name, _even(_of(op, name, x.axes))) for name in names),
        ("groups", getattr(op, "groups", 1)),
        ("bias", getattr(op, "bias", False) is True),
    ]
    return Line("{m}({0})", f"nn.ConvTranspose{x.axes}d", tuple(arguments))


def _linear(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x, bias = inputs[0], getattr(op, "bias", False) is True
    each = getattr(op, "each", False)
    features = x.channels if each else x.elements
    arguments: list[tuple[str, Value]] = [("", features), ("", output.channels)]
    arguments += [] if bias else [("bias", False)]
    if each:
        return Line(_last("{m}({0})"), "nn.Linear", tuple(arguments))
    flat = "{m}({0}.flatten(1))" if x.axes else "{m}({0})"
    return Line(_unflattened(flat, output), "nn.Linear", tuple(arguments))


def _last(call: str) -> str:
    """Return a call that works on channels as the last axis."""
    return call.replace("{0}", "{0}.movedim(1, -1)") + ".movedim(-1, 1)"


def _unflattened(call: str, output: Shape) -> str:
    ones = ", ".join("1" for _ in output.space)
    return f"{call}.reshape(-1, {output.channels}, {ones})" if ones else call


def _pool(kind: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    def write(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
        x = inputs[0]
        arriving, padding = _window(op, x, output)
        kernel = _of(op, "kernel", x.axes)
        stride = _of(op, "stride", x.axes) if getattr(op, "stride", None) else kernel
        arguments: list[tuple[str, Value]] = [("", _even(kernel)), ("", _even(stride))]
        if padding:
            arguments.append(("padding", padding))
        if max(_of(op, "dilation", x.axes)) > 1:
            arguments.append(("dilation", _even(_of(op, "dilation", x.axes))))
        if getattr(op, "ceil", False):
            arguments.append(("ceil_mode", True))
        return Line(f"{{m}}({arriving})", f"nn.{kind}Pool{x.axes}d", tuple(arguments))

    return write


def _adaptive(kind: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    def write(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
        axes = output.axes
        if not axes:
            return Line("{0}")
        size = _even(output.space)
        return Line("{m}({0})", f"nn.Adaptive{kind}Pool{axes}d", (("", size),))

    return write


def _norm(module: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    def write(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
        name = module.format(max(output.axes, 1))
        arguments: list[tuple[str, Value]] = [("", output.channels)]
        affine = getattr(op, "affine", True)
        if affine != (not name.startswith("nn.Instance")):
            arguments.append(("affine", affine))
        return Line("{m}({0})", name, tuple(arguments))

    return write


def _group_norm(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    arguments: list[tuple[str, Value]] = [("", getattr(op, "groups", 32)), ("", output.channels)]
    arguments += [] if getattr(op, "affine", True) else [("affine", False)]
    return Line("{m}({0})", "nn.GroupNorm", tuple(arguments))


def _over_channels(module: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    def write(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
        arguments: list[tuple[str, Value]] = [("", output.channels)]
        if not getattr(op, "affine", True):
            arguments.append(("elementwise_affine", False))
        return Line(_last("{m}({0})"), module, tuple(arguments))

    return write


def _module(name: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    return lambda op, inputs, output: Line("{m}({0})", f"nn.{name}")


def _prelu(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    one = getattr(op, "slopes", "one") == "one"
    return Line("{m}({0})", "nn.PReLU", () if one else (("", output.channels),))


def _softmax(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    axes = axes_of(op.over, inputs[0])  # type: ignore[attr-defined]  # a field of softmax
    if len(axes) == 1:
        return Line(f"{{0}}.softmax({axes[0] + 1})")
    first, last = axes[0] + 1, axes[-1] + 1
    sizes = ", ".join(str(inputs[0][axis]) for axis in axes)
    return Line(f"{{0}}.flatten({first}, {last}).softmax({first}).unflatten({first}, ({sizes}))")


def _reduced(method: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    def write(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
        axes = tuple(axis + 1 for axis in axes_of(op.over, inputs[0]))  # type: ignore[attr-defined]
        return Line(f"{{0}}.{method}({axes!r}, keepdim=True)")

    return write


def _joined(sign: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    def write(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
        return Line(f" {sign} ".join(f"{{{i}}}" for i in range(len(inputs))))

    return write


def _concat(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    (axis,) = axes_of(getattr(op, "over", (0,)), inputs[0])
    maps = ", ".join(f"{{{i}}}" for i in range(len(inputs)))
    return Line(f"torch.cat(({maps}), {axis + 1})")


def _passed(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    return Line("{0}")


def _reshaped(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    return Line(f"{{0}}.reshape(-1, {', '.join(map(str, output))})")


def _cut(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x = inputs[0]
    (axis,) = axes_of(getattr(op, "over", (0,)), x)
    start: int = op.first(x)  # type: ignore[attr-defined]  # of what cuts
    colons = ":, " * (axis + 1)
    return Line(f"{{0}}[{colons}{start}:{start + output[axis]}]")


def _padding(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x, size = inputs[0], op.size  # type: ignore[attr-defined]  # a field of pad
    if len(size) == 2 * x.axes and x.axes > 1:
        pairs = [(size[2 * axis], size[2 * axis + 1]) for axis in range(x.axes)]
    else:
        pairs = [(each, each) for each in spread(size, x.axes, "size")]
    mode = getattr(op, "mode", "zeros")
    return Line(_padded(pairs, "" if mode == "zeros" else f', mode="{mode}"'))


def _crop(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    cut = spread(op.size, output.axes, "size")  # type: ignore[attr-defined]  # a field of crop
    ranges = ", ".join(
        f"{start}:{start + size}" for start, size in zip(cut, output.space, strict=True)
    )
    return Line(f"{{0}}[:, :, {ranges}]")


def _resized(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    mode = getattr(op, "mode", "nearest")
    if mode == "bilinear":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[output.axes]
    return Line(f'F.interpolate({{0}}, size={tuple(output.space)!r}, mode="{mode}")')


def _factor(module: str, name: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    return lambda op, inputs, output: Line("{m}({0})", module, (("", getattr(op, name)),))


def _scores(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    heads, areas = getattr(op, "heads", 1), getattr(op, "areas", 1)
    q, k = (_split(f"{{{i}}}", heads, areas, inputs[i]) for i in (0, 1))
    call = f"{q}.transpose(-1, -2) @ {k}"
    return Line(f"({call}).flatten(2, 3)" if areas > 1 else call)


def _split(name: str, heads: int, areas: int, x: Shape) -> str:
    """Return maps by head, and by area where there are several: N × heads (× areas) × C × n."""
    flat = f"{name}.flatten(2)" if x.axes > 1 else name
    by_head = f"{flat}.unflatten(1, ({heads}, -1))"
    return f"{by_head}.unflatten(3, ({areas}, -1)).transpose(2, 3)" if areas > 1 else by_head


def _mix(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    heads, areas = inputs[0].channels, getattr(op, "areas", 1)
    values = _split("{1}", heads, areas, inputs[1])
    scores = "{0}" + (f".unflatten(2, ({areas}, -1))" if areas > 1 else "")
    call = f"({values} @ {scores}.transpose(-1, -2))"
    if areas > 1:
        call += ".transpose(2, 3)"
    return Line(f"{call}.reshape(-1, {', '.join(map(str, output))})")


def _fused(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    heads = getattr(op, "heads", 1)
    maps = [f"{_split(f'{{{i}}}', heads, 1, inputs[i])}.transpose(-1, -2)" for i in range(3)]
    call = f"F.scaled_dot_product_attention({', '.join(maps)}).transpose(-1, -2)"
    return Line(f"{call}.reshape(-1, {', '.join(map(str, output))})")


def _recurrent(module: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    def write(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
        arguments: list[tuple[str, Value]] = [
            ("", inputs[0].channels),
            ("", getattr(op, "hidden", 1)),
            ("", getattr(op, "layers", 1)),
            ("bias", getattr(op, "bias", True) is True),
            ("batch_first", True),
            ("bidirectional", getattr(op, "bidirectional", False)),
        ]
        return Line("{m}({0}.movedim(1, -1))[0].movedim(-1, 1)", module, tuple(arguments))

    return write


def _parameter(call: str) -> Callable[[Op, tuple[Shape, ...], Shape], Line]:
    def write(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
        shape = output if "{0}" not in call or "+" in call else output.single(output.channels)
        return Line(call, "parameter", (("", (1, *shape)),))

    return write


def _frozen(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    return Line("{0} * {m}[0] + {m}[1]", "buffer", (("", (2, 1, *output.single(output.channels))),))


def _class_token(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x = inputs[0]
    flat = "{0}.flatten(2)" if x.axes > 1 else "{0}"
    call = f"torch.cat(({{m}}.expand({{0}}.shape[0], -1, -1), {flat}), 2)"
    shape = ", ".join(map(str, output))
    return Line(f"{call}.reshape(-1, {shape})", "parameter", (("", (1, x.channels, 1)),))


_LINES: dict[str, Callable[[Op, tuple[Shape, ...], Shape], Line]] = {
    "conv": _convolution,
    "conv_transpose": _transposed,
    "linear": _linear,
    "max_pool": _pool("Max"),
    "avg_pool": _pool("Avg"),
    "global_avg_pool": _adaptive("Avg"),
    "global_max_pool": _adaptive("Max"),
    "adaptive_avg_pool": _adaptive("Avg"),
    "adaptive_max_pool": _adaptive("Max"),
    "batch_norm": _norm("nn.BatchNorm{}d"),
    "instance_norm": _norm("nn.InstanceNorm{}d"),
    "group_norm": _group_norm,
    "frozen_norm": _frozen,
    "layer_norm": _over_channels("nn.LayerNorm"),
    "rms_norm": _over_channels("nn.RMSNorm"),
    "local_response_norm": _factor("nn.LocalResponseNorm", "size"),
    "relu": _module("ReLU"),
    "relu6": _module("ReLU6"),
    "leaky_relu": _module("LeakyReLU"),
    "prelu": _prelu,
    "elu": _module("ELU"),
    "silu": _module("SiLU"),
    "gelu": _module("GELU"),
    "sigmoid": _module("Sigmoid"),
    "tanh": _module("Tanh"),
    "hard_sigmoid": _module("Hardsigmoid"),
    "hard_swish": _module("Hardswish"),
    "mish": _module("Mish"),
    "softplus": _module("Softplus"),
    "softmax": _softmax,
    "mean": _reduced("mean"),
    "sum": _reduced("sum"),
    "max": _reduced("amax"),
    "add": _joined("+"),
    "multiply": _joined("*"),
    "subtract": _joined("-"),
    "divide": _joined("/"),
    "concat": _concat,
    "identity": _passed,
    "dropout": _factor("nn.Dropout", "rate"),
    "drop_path": _passed,
    "flatten": _reshaped,
    "reshape": _reshaped,
    "slice": _cut,
    "split": _cut,
    "channel_shuffle": _factor("nn.ChannelShuffle", "groups"),
    "pixel_shuffle": _factor("nn.PixelShuffle", "factor"),
    "space_to_depth": _factor("nn.PixelUnshuffle", "factor"),
    "pad": _padding,
    "crop": _crop,
    "upsample": _resized,
    "attention_scores": _scores,
    "attention_mix": _mix,
    "fused_attention": _fused,
    "lstm": _recurrent("nn.LSTM"),
    "gru": _recurrent("nn.GRU"),
    "parameter": _parameter("{m}"),
    "position_embedding": _parameter("{0} + {m}"),
    "layer_scale": _parameter("{0} * {m}"),
    "class_token": _class_token,
}
"""By the word of the op."""
