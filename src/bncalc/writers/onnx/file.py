"""The file: a graph in ONNX, written by the library `onnx`, an extra."""

from __future__ import annotations

from typing import Any

from bncalc._version import __version__
from bncalc.errors import UsageError
from bncalc.model.graph import Graph, Node
from bncalc.model.ops.foreign import Foreign
from bncalc.writers.onnx import functions, norms, products, windows
from bncalc.writers.onnx.maker import Initializer, Maker, OnnxNode, OpWriter, PlacedOp, plain
from bncalc.writers.refusal import refuse_counts, unwritable

OPSET = 21
_LARGEST = 2_000_000_000
"""Bytes that a file of Protocol Buffers can hold."""
_DERIVED = "its weights are worked out from learned ones"
_UNKNOWN = "bncalc cannot write this operation as ONNX"
_UNORDERED = "the order in which it takes the elements of its map is not known"
_MORE = "its call has arguments that bncalc cannot write as ONNX"
WRITERS = {**functions.WRITERS, **norms.WRITERS, **products.WRITERS, **windows.WRITERS}


def model_bytes(graph: Graph, seed: int | None = None) -> bytes:
    """Return a graph as an ONNX file for one image, its random weights drawn from a seed.

    Without a seed there are no weights, but their shapes: the file is small, and opens. Raises
    UsageError for an op that ONNX has not, and where the library is not installed.
    """
    refuse_counts(graph, "ONNX")
    maker, names = made(graph)
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
    outputs = [_port(onnx, names[each.node], graph.nodes[each.node]) for each in graph.outputs]
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
    names: dict[int, str] = {}
    words = _words(graph)
    run = [node for node in graph.nodes if not node.op.is_input and not node.training_only]
    if left := [node for node in run if _writer(node) is None]:
        raise unwritable(graph, [(node, _reason(node)) for node in left], "ONNX")
    for index, node in enumerate(graph.nodes):
        if node.op.is_input:
            names[index] = _input_name(node)
        elif not node.training_only and (write := _writer(node)):
            owner = node if node.weights_of is None else graph.nodes[node.weights_of]
            maker.begin(node.path, owner.path, words[index])
            inputs = [names[source] for source in node.inputs]
            shapes = graph.input_shapes(node)
            for at, sizes, order in node.views:
                steps = ("sizes", sizes), ("order", order)
                inputs[at] = functions.arranged(maker, inputs[at], shapes[at], steps, shapes[at])
            layer = PlacedOp(node.op, inputs, shapes, node.output)
            try:
                names[index] = write(maker, layer)
            except UsageError as error:
                raise UsageError(f"{node.path}: {error}") from None
    for output in graph.outputs:
        path = plain(output.name or graph.nodes[output.node].path)
        names[output.node] = maker.put_out(names[output.node], path)
    return maker, names


def _reason(node: Node) -> str:
    if not all(each.order for each in node.views):
        return _UNORDERED
    if not isinstance(node.op, Foreign):
        return node.code if isinstance(node.code, str) else _MORE
    return _DERIVED if node.op.facts.derived else _UNKNOWN


def _input_name(node: Node) -> str:
    return "input" if node.path == "in" else plain(node.path)


def _words(graph: Graph) -> list[list[str]]:
    """Return the words of the parts around each node, the outermost first."""
    words: list[list[str]] = [[] for _ in graph.nodes]
    for part in graph.parts:
        for index in range(part.start, part.stop):
            words[index].append(part.word)
    return words


def _writer(node: Node) -> OpWriter | None:
    if not all(each.order for each in node.views):
        return None
    if isinstance(node.op, Foreign):
        return functions.view if functions.is_view(node.op.facts) else None
    return WRITERS.get(node.op.word) if node.code is None else None


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
