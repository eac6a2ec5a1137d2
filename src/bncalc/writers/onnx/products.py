"""Products of maps in ONNX: attention, and what is learned beside convolutions."""

from __future__ import annotations

from typing import Any

from bncalc.model.shape import Shape
from bncalc.writers.onnx.maker import Maker
from bncalc.writers.onnx.windows import OpWriter


def _by_head(maker: Maker, name: str, x: Shape, heads: int, areas: int, *, last: bool) -> str:
    """Return a map by area, where there are several, and head; `last` if its channels come last."""
    depth, count = x.channels // heads, x.positions // areas
    if areas == 1:
        made = maker.reshaped(name, (heads, depth, count))
        return maker.node("Transpose", made, perm=[0, 1, 3, 2]) if last else made
    made = maker.reshaped(name, (heads, depth, areas, count))
    order = [0, 3, 1, 4, 2] if last else [0, 3, 1, 2, 4]
    return maker.node("Transpose", made, perm=order)


def scores(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    q = _by_head(maker, inputs[0], shapes[0], op.heads, op.areas, last=True)
    k = _by_head(maker, inputs[1], shapes[1], op.heads, op.areas, last=False)
    scale = maker.number((shapes[0].channels // op.heads) ** -0.5)
    made = maker.node("Mul", maker.node("MatMul", q, k), scale)
    if op.areas == 1:
        return made
    return maker.reshaped(maker.node("Transpose", made, perm=[0, 2, 1, 3, 4]), output)


def mix(maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape) -> str:
    heads, queries, keys = shapes[0]
    weights = inputs[0]
    if op.areas > 1:
        apart = maker.reshaped(weights, (heads, op.areas, queries // op.areas, keys))
        weights = maker.node("Transpose", apart, perm=[0, 2, 1, 3, 4])
    values = _by_head(maker, inputs[1], shapes[1], heads, op.areas, last=True)
    return _joined(maker, maker.node("MatMul", weights, values), op.areas, output)


def _joined(maker: Maker, name: str, areas: int, output: Shape) -> str:
    """Return heads and areas as one map again."""
    order = [0, 1, 3, 2] if areas == 1 else [0, 2, 4, 1, 3]
    return maker.reshaped(maker.node("Transpose", name, perm=order), output)


def fused(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    q = _by_head(maker, inputs[0], shapes[0], op.heads, op.areas, last=True)
    k = _by_head(maker, inputs[1], shapes[1], op.heads, op.areas, last=False)
    v = _by_head(maker, inputs[2], shapes[2], op.heads, op.areas, last=True)
    scale = maker.number((shapes[0].channels // op.heads) ** -0.5)
    weights = maker.node("Softmax", maker.node("Mul", maker.node("MatMul", q, k), scale), axis=-1)
    return _joined(maker, maker.node("MatMul", weights, v), op.areas, output)


def matmul(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    return maker.node("MatMul", *inputs)


def recurrent(kind: str, gates: int, **further: int) -> OpWriter:
    """Return what writes a recurrent layer as PyTorch has it, which takes further attributes."""

    def write(
        maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
    ) -> str:
        sides, hidden, areas = 1 + op.bidirectional, op.hidden, op.areas
        steps = output.positions // areas
        made = _steps_first(maker, inputs[0], shapes[0], areas)
        arriving = shapes[0].channels
        for layer in range(op.layers):
            held = [
                maker.weight(f"l{layer}.weight", sides, gates * hidden, arriving),
                maker.weight(f"l{layer}.recurrence.weight", sides, gates * hidden, hidden),
            ]
            if op.bias:
                held.append(maker.weight(f"l{layer}.bias", sides, 2 * gates * hidden))
            direction = "bidirectional" if op.bidirectional else "forward"
            own = {"hidden_size": hidden, "direction": direction, **further}
            made = maker.node(kind, made, *held, **own)
            made = maker.node("Transpose", made, perm=[0, 2, 1, 3])
            made = maker.node("Reshape", made, maker.numbers(steps, areas, sides * hidden))
            arriving = sides * hidden
        if areas == 1:
            return maker.node("Transpose", made, perm=[1, 2, 0])
        return maker.reshaped(maker.node("Transpose", made, perm=[2, 1, 0]), output)

    return write


def _steps_first(maker: Maker, name: str, x: Shape, areas: int) -> str:
    """Return a map as steps × areas × channels, which is how recurrent layers of ONNX take it."""
    if areas == 1:
        return maker.node("Transpose", name, perm=[2, 0, 1])
    apart = maker.numbers(x.channels, areas, x.positions // areas)
    return maker.node("Transpose", maker.node("Reshape", name, apart), perm=[2, 1, 0])


def parameter(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    if not op.learned:
        return maker.fixed(0, 1, *output)
    return maker.weight("weight", 1, *output)


def position_embedding(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    return maker.node("Add", inputs[0], maker.weight("weight", 1, *output))


def relative_position_bias(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    """Add to each score the number of its offset, from a table of a row for each offset."""
    heads, window = output.channels, op.window
    side, positions = 2 * window - 1, window * window
    offsets = [
        (a // window - b // window + window - 1) * side + a % window - b % window + window - 1
        for a in range(positions)
        for b in range(positions)
    ]
    table = maker.weight("weight", side * side, heads)
    chosen = maker.node("Gather", table, maker.numbers(*offsets), axis=0)
    bias = maker.node("Transpose", chosen, perm=[1, 0])
    bias = maker.reshaped(bias, (heads, 1, positions, positions))
    apart = maker.reshaped(
        inputs[0], (heads, output.elements // heads // positions**2, positions, positions)
    )
    return maker.reshaped(maker.node("Add", apart, bias), output)


def layer_scale(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    held = maker.weight("weight", output.channels, *(1,) * output.axes, usual=1.0)
    return maker.node("Mul", inputs[0], held)


def class_token(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    x = shapes[0]
    flat = inputs[0] if x.axes == 1 else maker.reshaped(inputs[0], (x.channels, x.positions))
    made = maker.node("Concat", maker.weight("weight", 1, x.channels, 1), flat, axis=2)
    return maker.reshaped(made, output) if x.axes > 1 else made


WRITERS: dict[str, OpWriter] = {
    "attention_scores": scores,
    "attention_mix": mix,
    "fused_attention": fused,
    "matmul": matmul,
    "lstm": recurrent("LSTM", 4),
    "gru": recurrent("GRU", 3, linear_before_reset=1),
    "parameter": parameter,
    "position_embedding": position_embedding,
    "relative_position_bias": relative_position_bias,
    "layer_scale": layer_scale,
    "class_token": class_token,
}
