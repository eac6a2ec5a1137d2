"""Sizes: what is known of every tensor of a file by its name, to be held against a runtime."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from bncalc.files import refuse
from bncalc.model.reading import Request
from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.inference import infer
from bncalc.readers.onnx.inputs import settle
from bncalc.readers.onnx.proto import read_model
from bncalc.readers.onnx.reader import bytes_of
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.value import Dims, Value
from bncalc.readers.onnx.wire import Wire


class Sizes(NamedTuple):
    """The inputs of a model, and the sizes of all that its operations put out; None if unknown."""

    inputs: Mapping[str, Value]
    tensors: Mapping[str, Dims | None]


def tensor_sizes(request: Request) -> Sizes:
    """Return the sizes of every tensor of an ONNX file; raises as its reader does."""
    content = request.files.open(request.path)
    with closing(content.stream):
        try:
            wire = Wire(bytes_of(content))
            model = read_model(wire)
            inputs = settle(model.graph, request.path, request.settings, request.input)
            trace = infer(wire, model, inputs.values, inputs.symbols)
        except Damaged as error:
            refuse(request.files.called(request.path), f"byte {error.at}: {error.message}")
    places = [place for step in trace.steps for place in step.outputs if place != NONE]
    named = [place for place in places if trace.names[place]]
    return Sizes(inputs.values, {trace.names[i]: trace.values[i].dims for i in named})
