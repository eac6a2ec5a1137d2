"""The file: a graph in ONNX, written by the library `onnx`, an extra."""

from __future__ import annotations

from functools import partial, reduce
from typing import Any

from bncalc._version import __version__
from bncalc.errors import UsageError
from bncalc.model.graph import Graph, MapView, Node
from bncalc.model.ops.foreign import Foreign
from bncalc.writers.onnx import functions, norms, products, windows
from bncalc.writers.onnx.calls.expressions import written
from bncalc.writers.onnx.calls.tensors import (
    BOOL,
    FLOAT,
    OnnxTensor,
    Unwritable,
    cast,
    joined,
    permuted,
    reshaped,
    widest,
)
from bncalc.writers.onnx.maker import Initializer, Maker, OnnxNode, PlacedOp, plain
from bncalc.writers.pytorch.lines import own_line
from bncalc.writers.refusal import refuse_counts, unwritable

OPSET = 21
_LARGEST = 2_000_000_000
"""Bytes that a file of Protocol Buffers can hold."""
WRITERS = {**functions.WRITERS, **norms.WRITERS, **products.WRITERS, **windows.WRITERS}


def model_bytes(graph: Graph, seed: int | None = None) -> bytes:
    """Return a graph as an ONNX file for one image, its random weights drawn from a seed.

    Without a seed there are no weights, but their shapes: the file is small, and opens. Raises
    UsageError for an op that ONNX has not, and where the library is not installed.
    """
    refuse_counts(graph, "ONNX")
    maker, _ = made(graph)
    onnx = _library()
    held = sum(weight.bytes for weight in maker.weights.values())
    if seed is not None and held > _LARGEST:
        raise UsageError(
            f"{graph.name} has {held:,} bytes of weights, more than an ONNX file can hold"
        )
    stripped = [] if seed is not None else maker.weights.values()
    sizes = [(weight.name, maker.numbers(*weight.shape)) for weight in stripped]
    nodes = [onnx.helper.make_node("ConstantOfShape", [size], [name]) for name, size in sizes]
    nodes += [_node(onnx, each) for each in maker.nodes]
    tensors = [_constant(onnx, name, value) for name, value in maker.constants.items()]
    if seed is not None:
        tensors += _random(onnx, list(maker.weights.values()), seed)
    inputs = [_port(onnx, _input_name(graph.nodes[i]), graph.nodes[i]) for i in graph.inputs]
    put_out = zip(maker.outputs, graph.outputs, strict=True)
    outputs = [_port(onnx, name, graph.nodes[each.node]) for name, each in put_out]
    model = onnx.helper.make_model(
        onnx.helper.make_graph(nodes, "network", inputs, outputs, tensors),
        producer_name="bncalc",
        producer_version=__version__,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=10,
    )
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def made(graph: Graph) -> tuple[Maker, dict[int, str]]:
    """Return what a graph is in ONNX, and the name of each map; raise UsageError where it is not.

    What only training runs is left out.
    """
    maker = Maker()
    made: dict[int, OnnxTensor] = {}
    words = _words(graph)
    refused: list[tuple[Node, Exception]] = []
    for index, node in enumerate(graph.nodes):
        sizes = (1, *node.output)
        if node.op.is_input:
            made[index] = OnnxTensor(_input_name(node), sizes)
        elif not node.training_only:
            owner = node if node.owner is None else graph.nodes[node.owner]
            maker.begin(node.path, owner.path, words[index])
            try:
                made[index] = _written(maker, graph, node, [made[i] for i in node.inputs])
            except (Unwritable, UsageError) as error:
                refused.append((node, error))
                made[index] = OnnxTensor("", sizes)
    if refused:
        reasons = [(node, str(error)) for node, error in refused]
        raise unwritable(graph, reasons, "ONNX") from refused[0][1]
    names = {index: tensor.name for index, tensor in made.items()}
    for output in graph.outputs:
        path = plain(output.name or graph.nodes[output.node].path)
        names[output.node] = maker.put_out(cast(maker, made[output.node], FLOAT).name, path)
    return maker, names


def _written(maker: Maker, graph: Graph, node: Node, maps: list[OnnxTensor]) -> OnnxTensor:
    """Write a node: an op of ours by itself, what somebody else's model does by its line."""
    sizes = (1, *node.output)
    if isinstance(node.op, Foreign) or node.code is not None:
        line = own_line(graph, node)
        if isinstance(line, str):
            raise Unwritable(line)
        facts = node.op.facts if isinstance(node.op, Foreign) else None
        like = facts and facts.like
        if facts and like and like.takes_bias and not facts.cost.biases:
            maker.without_bias()
        made = written(maker, line, like, maps)
        if made.dims != sizes:
            raise Unwritable(f"its sizes as ONNX would be {made.dims} and not {sizes}")
        return made
    for view in node.views:
        maps[view.input] = _viewed(maker, maps[view.input], view)
    if node.op.word == "add" and widest(*maps) == BOOL:
        return reduce(partial(joined, maker, "Add"), maps)
    inputs = [cast(maker, each, FLOAT).name for each in maps]
    layer = PlacedOp(node.op, inputs, graph.input_shapes(node), node.output)
    return OnnxTensor(WRITERS[node.op.word](maker, layer), sizes)


def _viewed(maker: Maker, x: OnnxTensor, view: MapView) -> OnnxTensor:
    """Return a map in the order of elements in which a node reads it."""
    if not view.order:
        raise Unwritable("the order in which it takes the elements of its map is not known")
    split = reshaped(maker, x, (1, *view.sizes))
    turned = permuted(maker, split, (0, *[axis + 1 for axis in view.order]))
    return reshaped(maker, turned, x.dims)


def _input_name(node: Node) -> str:
    return "input" if node.path == "in" else plain(node.path)


def _words(graph: Graph) -> list[list[str]]:
    """Return the words of the parts around each node, the outermost first."""
    words: list[list[str]] = [[] for _ in graph.nodes]
    for part in graph.parts:
        for index in range(part.start, part.stop):
            words[index].append(part.word)
    return words


def _node(onnx: Any, each: OnnxNode) -> Any:
    node = onnx.helper.make_node(each.op, each.inputs, [each.output], each.name, **each.attributes)
    for key, text in each.properties.items():
        node.metadata_props.add(key=key, value=text)
    return node


def _library() -> Any:
    try:
        import onnx
    except ImportError:
        raise UsageError("this needs the library onnx: pip install 'bncalc[onnx]'") from None
    return onnx


def _constant(onnx: Any, name: str, value: list[int] | float) -> Any:
    if isinstance(value, list):
        return onnx.helper.make_tensor(name, onnx.TensorProto.INT64, [len(value)], value)
    return onnx.helper.make_tensor(name, onnx.TensorProto.FLOAT, [], [value])


def _random(onnx: Any, weights: list[Initializer], seed: int) -> list[Any]:
    """Return weights around what is usual for them, the same for the same seed."""
    import numpy as np

    random = np.random.default_rng(seed)
    tensors = []
    for weight in weights:
        numbers = random.uniform(-0.05, 0.05, weight.shape).astype(np.float32)
        tensors.append(
            onnx.numpy_helper.from_array(numbers + np.float32(weight.usual), weight.name)
        )
    return tensors


def _port(onnx: Any, name: str, node: Node) -> Any:
    sizes = [1, *node.output]
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, sizes)
