"""The runtime: an ONNX file run by onnxruntime, sizes, params and MACs held against ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

from bncalc.errors import UsageError
from bncalc.model.reading import Request
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.readers.onnx.account import Charge, Inventory, account_of
from bncalc.readers.onnx.tensor import ELEMENT_NAMES
from bncalc.readers.onnx.value import Value
from bncalc.writers.onnx.counter import NodeTally, count
from bncalc.writers.onnx.learned_names import learned_by_name
from bncalc.writers.onnx.loops import CountedNode, TensorType
from bncalc.writers.verification import Mismatch, Verification

AGAINST = "onnxruntime"
_FOLDER = "session.model_external_initializers_file_folder_path"


class _Run(NamedTuple):
    """A model's nodes, the names of its constants, every tensor that there was, its outputs.

    `noted` are the constants of which the file says whether they are learned, `masks` those whose
    numbers tell whether they are masks.
    """

    operations: list[CountedNode]
    constants: list[str]
    tensors: dict[str, TensorType]
    outputs: list[str]
    noted: dict[str, bool]
    masks: dict[str, bool]


def against_runtime(request: Request, name: str) -> Verification:
    """Hold a file against what onnxruntime works out from ones, and a plain count of its nodes.

    Sizes are held tensor by tensor, params and MACs layer by layer. Tensors within functions and
    branches have no name outside and are not compared. Raises UsageError where the libraries are
    not installed, and where the model does not run.
    """
    account = account_of(request)
    ran = _run(request.path, account.inputs)
    names = [name for name in ran.tensors if name in account.tensors]
    layers = [layer for layer in account.layers if ran.tensors.keys() >= {*layer.tensors}]
    tallies = count(*ran)
    costs = _costs(layers, account.batch, tallies, ran.tensors)
    mismatches = [*_sizes(names, account, ran.tensors), *costs]
    notes = _notes(len(names), layers, tallies, len(account.layers) - len(layers) + account.apart)
    return Verification(name, AGAINST, len(names), tuple(mismatches), "tensor", notes)


def _notes(
    tensors: int, layers: Sequence[Charge], tallies: Mapping[str, NodeTally], apart: int
) -> tuple[str, ...]:
    """Say what was compared, and what was not."""
    unclear = sum(
        [None in [tallies[n].params for n in each.tensors if n in tallies] for each in layers]
    )
    notes = [
        f"compared: shapes of {plural(tensors, 'tensor')} with {AGAINST}; params and MACs of"
        f" {plural(len(layers), 'layer')} with a plain count of the file's nodes"
    ]
    if unclear:
        notes.append(
            f"not compared: params of {plural(unclear, 'layer')} with worked-out constants"
        )
    if apart:
        notes.append(f"not compared: {plural(apart, 'layer')} within functions and branches")
    return tuple(notes)


def _sizes(
    names: Sequence[str], account: Inventory, theirs: Mapping[str, TensorType]
) -> Iterator[Mismatch]:
    for name in names:
        ours = account.tensors[name]
        if ours is not None and ours != theirs[name].dims:
            yield Mismatch(name, "shape", ours, theirs[name].dims)


def _costs(
    layers: Sequence[Charge],
    batch: int,
    tallies: Mapping[str, NodeTally],
    tensors: Mapping[str, TensorType],
) -> Iterator[Mismatch]:
    """Yield layers whose params or MACs are not those of the nodes that they are made of.

    What is put out by a layer that does not divide by the batch belongs to all images together.
    """
    for layer in layers:
        theirs = [tallies[name] for name in layer.tensors if name in tallies]
        path, params = layer.path or layer.tensors[0], [tally.params for tally in theirs]
        if None not in params and layer.params != sum(filter(None, params)):
            yield Mismatch(path, "params", layer.params, sum(filter(None, params)))
        macs = sum([tally.macs for tally in theirs])
        images = 1 if prod(tensors[layer.tensors[0]].dims) % batch else batch
        if layer.macs is not None and layer.macs * images != macs:
            yield Mismatch(path, "macs", layer.macs, macs // images)
    placed = {name for layer in layers for name in layer.tensors}
    for name, tally in tallies.items():
        if tally.macs and name not in placed:
            yield Mismatch(name, "macs", 0, tally.macs // batch)


def _run(path: str, inputs: Mapping[str, Value]) -> _Run:
    """Return the sizes of all that a model works out, each made an output, and what it is of."""
    onnx, runtime, np = _libraries()
    try:
        model = onnx.load(path, load_external_data=False)
        outputs = [output.name for output in model.graph.output]
        operations = [_operation(onnx, node) for node in model.graph.node]
        held = {each.name: _held(onnx, each) for each in model.graph.initializer}
        noted, masks = learned_by_name(model.graph), _masks(onnx, model.graph)
        names = {name for each in operations for name in each.outputs if name}
        further = sorted(names.difference(outputs))
        model.graph.output.extend([onnx.ValueInfoProto(name=each) for each in further])
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.add_session_config_entry(_FOLDER, str(Path(path).absolute().parent))
        session = runtime.InferenceSession(model.SerializeToString(), options)
        fed = {name: _fed(np, value) for name, value in inputs.items()}
        made = session.run([*outputs, *further], fed)
    except Exception as error:  # the runtime's own classes derive from nothing narrower
        first = str(error).partition("\n")[0]
        raise UsageError(f"onnxruntime does not run {path}: {first}") from None
    values = [*fed.items(), *zip([*outputs, *further], made, strict=True)]
    tensors = held | {name: _made(value) for name, value in values}
    return _Run(operations, [*held], tensors, outputs, noted, masks)


def _masks(onnx: Any, graph: Any) -> dict[str, bool]:
    """Tell of tensors whose numbers differ whether these are 0 and else at most −100."""
    masks = {}
    for each in graph.initializer:
        if each.data_location == each.DEFAULT and "float" in _held(onnx, each).type:
            numbers = onnx.numpy_helper.to_array(each)
            if numbers.size and numbers.min() < numbers.max():
                masks[each.name] = bool(numbers.max() == 0 and numbers[numbers < 0].max() <= -100)
    return masks


def _operation(onnx: Any, node: Any) -> CountedNode:
    """Return a node as the plain count knows it; one with branches reads what these read."""
    held = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    attributes = {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for name, value in held.items()
    }
    captured = [name for each in node.attribute for name in _read(each.g)]
    return CountedNode(
        node.domain, node.op_type, (*node.input,), (*node.output,), attributes, (*captured,)
    )


def _read(graph: Any) -> Iterator[str]:
    """Yield the names that a branch reads, and the branches in it."""
    for node in graph.node:
        yield from node.input
        for each in node.attribute:
            yield from _read(each.g)
    yield from [output.name for output in graph.output]


def _held(onnx: Any, constant: Any) -> TensorType:
    return TensorType((*constant.dims,), onnx.TensorProto.DataType.Name(constant.data_type).lower())


def _made(value: Any) -> TensorType:
    """Return what has been worked out; a sequence of tensors is no tensor and has no sizes."""
    return TensorType(tuple(getattr(value, "shape", ())), str(getattr(value, "dtype", "")))


def _fed(np: Any, value: Value) -> Any:
    """Return an input: what it holds if that is known, else ones."""
    kind, dims = ELEMENT_NAMES[value.type], value.dims or ()
    if value.numbers is None:
        return np.ones(dims, kind)
    return np.array(value.numbers, kind).reshape(dims)


def _libraries() -> tuple[Any, Any, Any]:
    try:
        import numpy as np
        import onnx
        import onnxruntime
    except ImportError:
        message = "this needs onnxruntime: pip install 'bncalc[onnxruntime]'"
        raise UsageError(message) from None
    return onnx, onnxruntime, np
