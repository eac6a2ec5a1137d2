"""Products: linear layers, attention, recurrent layers, and maps that are learned."""

from __future__ import annotations

from typing import Any

from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.line import (
    Line,
    LineArguments,
    Write,
    held,
    last,
    number,
)
from bncalc.writers.pytorch.lines.operands import offsets
from bncalc.writers.pytorch.lines.views import reshaped


def _linear(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x, bias = inputs[0], op.bias is True
    each = op.each
    features = x.channels if each else x.elements
    arguments: LineArguments = (("", features), ("", output.channels), ("bias", bias))
    if each:
        return Line(last("{m}({0})"), "nn.Linear", arguments)
    flat = "{m}({0}.flatten(1))" if x.axes else "{m}({0})"
    call = reshaped(flat, output) if output.axes else flat
    return Line(call, "nn.Linear", arguments)


def _scores(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    heads, areas = op.heads, op.areas
    q, k = map(_row, range(2), inputs)
    return Line(f"attention_scores({q}, {k}, {number('heads', heads)}{_areas(areas)})")


def _mix(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    call = f"attention_mix({{0}}, {_row(1, inputs[1])}{_areas(op.areas)})"
    return Line(reshaped(call, output))


def _row(index: int, x: Shape) -> str:
    """Return a map with its positions in a row, of which a vector has one."""
    return f"{{{index}}}" if x.axes else f"{{{index}}}[..., None]"


def _areas(areas: int) -> str:
    return f", areas={number('areas', areas)}" if areas > 1 else ""


def _fused(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    q, k, v = map(_row, range(3), inputs)
    heads = number("heads", op.heads)
    return Line(reshaped(f"fused_attention({q}, {k}, {v}, {heads}{_areas(op.areas)})", output))


def _recurrent(module: str) -> Write:
    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
        arguments: LineArguments = (
            *(("", inputs[0].channels), ("", op.hidden), ("num_layers", op.layers)),
            *(("bias", op.bias is True), ("batch_first", True)),
            ("bidirectional", op.bidirectional),
        )
        call = "{m}({0}.movedim(1, -1))[0].movedim(-1, 1)"
        if op.areas > 1:
            areas = number("areas", op.areas)
            apart = f"{{0}}.unflatten(2, ({areas}, -1)).permute(0, 2, 3, 1).flatten(0, 1)"
            call = f"{{m}}({apart})[0].unflatten(0, (-1, {areas})).permute(0, 3, 1, 2).flatten(2)"
        return Line(call, module, arguments)

    return write


def _parameter(call: str) -> Write:
    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
        shape = output if "{0}" not in call or "+" in call else output.single(output.channels)
        kind = "parameter" if getattr(op, "learned", True) else "buffer"
        return Line(call, kind, held(1, *shape))

    return write


def _class_token(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x = inputs[0]
    flat = "{0}.flatten(2)" if x.axes > 1 else _row(0, x)
    call = f"torch.cat(({{m}}.expand({{0}}.shape[0], -1, -1), {flat}), 2)"
    return Line(reshaped(call, output), "parameter", held(1, x.channels, 1))


def _offsets(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    return offsets(op.window, output.channels)


PRODUCTS: dict[str, Write] = {
    "linear": _linear,
    "matmul": lambda op, inputs, output: Line("{0} @ {1}"),
    "attention_scores": _scores,
    "attention_mix": _mix,
    "fused_attention": _fused,
    "lstm": _recurrent("nn.LSTM"),
    "gru": _recurrent("nn.GRU"),
    "frozen_norm": lambda op, inputs, output: Line("{m}({0})", "FrozenNorm", held(*output[:1])),
    "parameter": _parameter("{m}"),
    "position_embedding": _parameter("{0} + {m}"),
    "layer_scale": _parameter("{0} * {m}"),
    "class_token": _class_token,
    "relative_position_bias": _offsets,
}
"""By the word of the op."""
