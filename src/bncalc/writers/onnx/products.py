"""Products of maps in ONNX: attention, and what is learned beside convolutions."""

from __future__ import annotations

from bncalc.writers.onnx.maker import Maker, OpWriter, PlacedOp


def _by_head(maker: Maker, layer: PlacedOp, at: int, heads: int, *, last: bool) -> str:
    """Return a map by area, where there are several, and head; `last` if its channels come last."""
    name, x, areas = layer.inputs[at], layer.shapes[at], layer.op.areas
    depth, count = x.channels // heads, x.positions // areas
    if areas == 1:
        made = maker.reshaped(name, (heads, depth, count))
        return maker.node("Transpose", made, perm=[0, 1, 3, 2]) if last else made
    made = maker.reshaped(name, (heads, depth, areas, count))
    order = [0, 3, 1, 4, 2] if last else [0, 3, 1, 2, 4]
    return maker.node("Transpose", made, perm=order)


def scores(maker: Maker, layer: PlacedOp) -> str:
    op = layer.op
    q = _by_head(maker, layer, 0, op.heads, last=True)
    k = _by_head(maker, layer, 1, op.heads, last=False)
    scale = maker.number((layer.x.channels // op.heads) ** -0.5)
    made = maker.node("Mul", maker.node("MatMul", q, k), scale)
    if op.areas == 1:
        return made
    return maker.reshaped(maker.node("Transpose", made, perm=[0, 2, 1, 3, 4]), layer.output)


def mix(maker: Maker, layer: PlacedOp) -> str:
    op = layer.op
    heads, queries, keys = layer.x
    weights = layer.source
    if op.areas > 1:
        apart = maker.reshaped(weights, (heads, op.areas, queries // op.areas, keys))
        weights = maker.node("Transpose", apart, perm=[0, 2, 1, 3, 4])
    values = _by_head(maker, layer, 1, heads, last=True)
    return _joined(maker, layer, maker.node("MatMul", weights, values))


def _joined(maker: Maker, layer: PlacedOp, name: str) -> str:
    """Return heads and areas as one map again."""
    order = [0, 1, 3, 2] if layer.op.areas == 1 else [0, 2, 4, 1, 3]
    return maker.reshaped(maker.node("Transpose", name, perm=order), layer.output)


def fused(maker: Maker, layer: PlacedOp) -> str:
    op = layer.op
    q = _by_head(maker, layer, 0, op.heads, last=True)
    k = _by_head(maker, layer, 1, op.heads, last=False)
    v = _by_head(maker, layer, 2, op.heads, last=True)
    scale = maker.number((layer.x.channels // op.heads) ** -0.5)
    weights = maker.node("Softmax", maker.node("Mul", maker.node("MatMul", q, k), scale), axis=-1)
    return _joined(maker, layer, maker.node("MatMul", weights, v))


def recurrent(kind: str, gates: int, **further: int) -> OpWriter:
    """Return what writes a recurrent layer as PyTorch has it, which takes further attributes."""

    def write(maker: Maker, layer: PlacedOp) -> str:
        op = layer.op
        sides, hidden, areas = 1 + op.bidirectional, op.hidden, op.areas
        steps = layer.output.positions // areas
        made = _steps_first(maker, layer)
        arriving = layer.x.channels
        for depth in range(op.layers):
            held = [
                maker.weight(f"l{depth}.weight", sides, gates * hidden, arriving),
                maker.weight(f"l{depth}.recurrence.weight", sides, gates * hidden, hidden),
            ]
            if op.bias:
                held.append(maker.weight(f"l{depth}.bias", sides, 2 * gates * hidden))
            direction = "bidirectional" if op.bidirectional else "forward"
            own = {"hidden_size": hidden, "direction": direction, **further}
            made = maker.node(kind, made, *held, **own)
            made = maker.node("Transpose", made, perm=[0, 2, 1, 3])
            made = maker.node("Reshape", made, maker.numbers(steps, areas, sides * hidden))
            arriving = sides * hidden
        if areas == 1:
            return maker.node("Transpose", made, perm=[1, 2, 0])
        return maker.reshaped(maker.node("Transpose", made, perm=[2, 1, 0]), layer.output)

    return write


def _steps_first(maker: Maker, layer: PlacedOp) -> str:
    """Return a map as steps × areas × channels, which is how recurrent layers of ONNX take it."""
    x, areas = layer.x, layer.op.areas
    if areas == 1:
        return maker.node("Transpose", layer.source, perm=[2, 0, 1])
    apart = maker.numbers(x.channels, areas, x.positions // areas)
    return maker.node("Transpose", maker.node("Reshape", layer.source, apart), perm=[2, 1, 0])


def parameter(maker: Maker, layer: PlacedOp) -> str:
    if not layer.op.learned:
        return maker.fixed(1, 1, *layer.output)
    return maker.weight("weight", 1, *layer.output)


def relative_position_bias(maker: Maker, layer: PlacedOp) -> str:
    """Add to each score the number of its offset, from a table of a row for each offset."""
    output = layer.output
    heads, window = output.channels, layer.op.window
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
        layer.source, (heads, output.elements // heads // positions**2, positions, positions)
    )
    return maker.reshaped(maker.node("Add", apart, bias), output)


def layer_scale(maker: Maker, layer: PlacedOp) -> str:
    held = maker.weight("weight", layer.output.channels, *(1,) * layer.output.axes, usual=1.0)
    return maker.node("Mul", layer.source, held)


def class_token(maker: Maker, layer: PlacedOp) -> str:
    x = layer.x
    flat = layer.source if x.axes == 1 else maker.reshaped(layer.source, (x.channels, x.positions))
    made = maker.node("Concat", maker.weight("weight", 1, x.channels, 1), flat, axis=2)
    return maker.reshaped(made, layer.output) if x.axes > 1 else made


WRITERS: dict[str, OpWriter] = {
    "attention_scores": scores,
    "attention_mix": mix,
    "fused_attention": fused,
    "matmul": lambda maker, layer: maker.node("MatMul", *layer.inputs),
    "lstm": recurrent("LSTM", 4),
    "gru": recurrent("GRU", 3, linear_before_reset=1),
    "parameter": parameter,
    "position_embedding": lambda maker, layer: maker.node(
        "Add", layer.source, maker.weight("weight", 1, *layer.output)
    ),
    "relative_position_bias": relative_position_bias,
    "layer_scale": layer_scale,
    "class_token": class_token,
}
