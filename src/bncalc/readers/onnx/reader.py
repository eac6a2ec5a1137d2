"""The reader: an ONNX file becomes a graph, and what was assumed of it is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from math import prod
from mmap import ACCESS_READ
from pathlib import PurePath

from bncalc.errors import UsageError
from bncalc.files import LONGEST_POINTER, Content, refuse
from bncalc.model.graph import Graph
from bncalc.model.net import Net
from bncalc.model.origin import Design
from bncalc.model.reading import NoDesign, Reading, Request
from bncalc.named import NamedTuple
from bncalc.quantity import first_few, plural
from bncalc.readers.binary import Bytes, Damaged
from bncalc.readers.onnx.fitting import Fitting
from bncalc.readers.onnx.flow import Flow, input_axis
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.inputs import arriving, settle, word
from bncalc.readers.onnx.interpretation import infer
from bncalc.readers.onnx.layers import FusedLayer, layers
from bncalc.readers.onnx.paths import Modules
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing import place
from bncalc.readers.onnx.proto import read_model
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.wire import FileMap, Wire
from bncalc.readers.parts import Parts


def read(request: Request) -> tuple[Reading, ...]:
    """Return the one design of an ONNX file.

    Raises SpecError, with an offset, for what is wrong in the file, UsageError for sizes that must
    be given and for settings that there are not.
    """
    path, name = request.path, PurePath(request.path).stem
    if request.part:
        raise NoDesign(f"{path} is one model and holds no design {request.part!r}")
    if request.defaults:
        words = ", ".join(request.defaults)
        raise UsageError(f"{path} is an ONNX model; it has its own {words}")
    content = request.files.open(path)
    with closing(content.stream):
        try:
            wire = Wire(bytes_of(content))
            model = read_model(wire)
            if not arriving(model.graph):
                raise Damaged(0, "the model takes no input")
            inputs = settle(model.graph, path, request.settings, request.input)
            flow = Flow(infer(wire, model, inputs.values, inputs.symbols))
            placement = lay(flow).placement
            graph = graph_of(placement, name)
        except Damaged as error:
            refuse(request.files.called(path), f"byte {error.at}: {error.message}")
    notes = (*inputs.notes, *_undecided(flow), *_unsized(flow), *_guessed(placement))
    return (Reading((Design(graph),), name, notes=tuple([f"{path}: {note}" for note in notes])),)


def _undecided(flow: Flow) -> Iterator[str]:
    """Say where data decides which branch runs, and the input whose value may be given for it."""
    for step in flow.steps:
        if step.call.op == "If" and len(step.inputs) > 1 + len(step.outputs):
            name = f" {step.node.name!r}" if step.node.name else ""
            single = [f"@{word(each)}=NUMBER" for each in _single_inputs(flow, step.inputs[0])]
            way = f" unless {' and '.join(single)} says which" if single else ""
            yield f"data decides which branch of If{name} runs; both are counted{way}"


def _single_inputs(flow: Flow, place: int) -> list[str]:
    """Return the inputs of one number that a value is worked out from, if it is from these only."""
    found, left = {place}, [place]
    while left:
        step = flow.made.get(left.pop())
        new = {*step.inputs} - found - {NONE} if step else set()
        found |= new
        left += new
    inputs = [place for place in flow.trace.inputs if place in found]
    is_single = all(flow.value(place).is_single for place in inputs)
    return [flow.trace.names[place] for place in inputs] if is_single else []


def _unsized(flow: Flow) -> Iterator[str]:
    """Say from where on sizes depend on content, if they do anywhere."""
    for step in flow.steps:
        if any(place != NONE and flow.value(place).dims is None for place in step.outputs):
            name = f" {step.node.name!r}" if step.node.name else ""
            yield f"sizes depend on the data from {step.call.op}{name} on and are not known there"
            return


def _guessed(placement: OnnxPlacement) -> Iterator[str]:
    """Say which constants are not counted of which the file does not tell what they are."""
    guessed = placement.roles.evidence.guessed
    if guessed:
        names = first_few([repr(placement.flow.trace.names[place]) for place in guessed])
        numbers = sum([prod(placement.flow.value(place).dims or ()) for place in guessed])
        yield f"taken for masks or tables and not counted: {plural(numbers, 'number')} of {names}"


def bytes_of(content: Content) -> Bytes:
    """Return the bytes of a file: a map of it, or of what is not weights."""
    if content.size <= LONGEST_POINTER:
        return content.stream.read()
    if content.file is None:
        from bncalc.readers.onnx.stream import without_weights  # what is read from git

        return without_weights(content.stream, content.size)
    return FileMap(content.file, 0, access=ACCESS_READ)


class Laid(NamedTuple):
    """A model in a net: each of its layers with the nodes that it has become."""

    placement: OnnxPlacement
    layers: tuple[tuple[FusedLayer, range], ...]


def graph_of(placement: OnnxPlacement, name: str) -> Graph:
    """Return the graph of what a model does."""
    graph = placement.orders.told(placement.net.graph(name))
    nodes = list(graph.nodes)
    for index, code in placement.codes.items():
        nodes[index] = nodes[index]._replace(code=code)
    return graph._replace(nodes=tuple(nodes))


def lay(flow: Flow) -> Laid:
    """Place what a model does in a net; raise Damaged for what contradicts itself."""
    read_as, modules = layers(flow), Modules(flow)
    paths = [modules.path_of(layer) for layer in read_as]
    placement = OnnxPlacement(flow)
    first, *others = flow.trace.inputs
    named = flow.trace.names[first] if others else None
    net = Net(placement.shape(first, input_axis(flow, first)), name=named)
    pairs = zip(read_as, paths, strict=True)
    placed = [path for layer, path in pairs if layer.is_placed]
    placement.start(net, Parts(net, placed, modules.classes))
    laid = []
    for layer, path in zip(read_as, paths, strict=True):
        start = len(net)
        placement.begin(layer, path)
        with _fitting(layer.step):
            place(placement, layer)
        laid.append((layer, range(start, len(net))))
        placement.end(layer, range(start, len(net)))
    put_out = placement.finish()
    for made in put_out:
        with _fitting(flow.made.get(made)):
            placement.put_out(made, named=len(put_out) > 1)
    return Laid(placement, tuple(laid))


def _fitting(step: NodeStep | None) -> Fitting:
    """Placers read as the standard says, and rules of shapes have not looked at everything."""
    return Fitting(step.node.at, step.call.op) if step else Fitting(0, "an output of the model")
