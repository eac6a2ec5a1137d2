"""The account: what is known of every tensor and layer of a file, to be held against a runtime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from bncalc.files import refuse
from bncalc.model.graph import Graph
from bncalc.model.reading import Request
from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import Execution, NodeStep
from bncalc.readers.onnx.inputs import settle
from bncalc.readers.onnx.interpretation import infer
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.proto import read_model
from bncalc.readers.onnx.reader import bytes_of, lay
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.value import Dims, Value
from bncalc.readers.onnx.wire import Wire


class Charge(NamedTuple):
    """A layer of a file: its path, the tensors that its operations put out, and what it costs.

    `macs` are those of one image, None where they are not counted.
    """

    path: str
    tensors: tuple[str, ...]
    params: int
    macs: int | None


class Inventory(NamedTuple):
    """The inputs of a model, the sizes of all that its operations put out, None if unknown; layers.

    `apart` are the layers whose tensors lie within a function or a branch, where no name is unique.
    """

    inputs: Mapping[str, Value]
    tensors: Mapping[str, Dims | None]
    batch: int
    layers: tuple[Charge, ...]
    apart: int


def account_of(request: Request) -> Inventory:
    """Return what is known of an ONNX file; raises as its reader does."""
    content = request.files.open(request.path)
    with closing(content.stream):
        try:
            wire = Wire(bytes_of(content))
            model = read_model(wire)
            inputs = settle(model.graph, request.path, request.settings, request.input)
            trace = infer(wire, model, inputs.values, inputs.symbols)
            laid = lay(Flow(trace))
        except Damaged as error:
            refuse(request.files.called(request.path), f"byte {error.at}: {error.message}")
    places = [place for step in trace.steps for place in step.outputs if place != NONE]
    sizes = {trace.names[i]: trace.values[i].dims for i in places if trace.names[i]}
    outside = {id(node) for node in model.graph.nodes}
    named = [pair for pair in laid.layers if all(id(s.node) in outside for s in pair[0].steps)]
    charges = tuple(_charges(named, laid.placement, trace))
    apart = len(laid.layers) - len(named)
    return Inventory(inputs.values, sizes, laid.placement.batch, charges, apart)


def _charges(
    layers: Sequence[tuple[FusedLayer, range]], placement: OnnxPlacement, trace: Execution
) -> Iterator[Charge]:
    graph = placement.net.graph("model")
    for layer, nodes in layers:
        names = [_first_named(trace, step) for step in layer.steps]
        path = graph.nodes[nodes[-1]].path if nodes else ""
        yield Charge(path, tuple(filter(None, names)), *_cost(graph, nodes))


def _first_named(trace: Execution, step: NodeStep) -> str:
    """Return the name of the first tensor that is wanted; outputs that nobody wants have none."""
    names = [trace.names[place] for place in step.outputs if place != NONE]
    return next(filter(None, names), "")


def _cost(graph: Graph, nodes: range) -> tuple[int, int | None]:
    params, macs, counted = 0, 0, True
    for index in nodes:
        node = graph.nodes[index]
        cost = node.op.cost(graph.input_shapes(node), node.output)
        params += cost.params if node.weights_of is None else 0
        macs += cost.macs
        counted = counted and node.op.counted
    return params, macs if counted else None
