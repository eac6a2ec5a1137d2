"""The runtime: an ONNX file run by onnxruntime, every tensor's sizes held against ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bncalc.errors import UsageError
from bncalc.model.reading import Request
from bncalc.readers.onnx.sizes import Sizes, tensor_sizes
from bncalc.readers.onnx.tensor import ELEMENT_NAMES
from bncalc.readers.onnx.value import Value
from bncalc.writers.verification import Mismatch, Verification

_FOLDER = "session.model_external_initializers_file_folder_path"


def against_runtime(request: Request, name: str) -> Verification:
    """Hold the sizes of every tensor of a file against what onnxruntime works out from ones.

    Tensors within functions and branches have no name outside and are not compared. Raises
    UsageError where the libraries are not installed, and where the model does not run.
    """
    sizes = tensor_sizes(request)
    ran = _run(request.path, sizes.inputs)
    names = [name for name in ran if name in sizes.tensors]
    differing = tuple(_mismatches(names, sizes, ran))
    return Verification(name, "onnxruntime", len(names), differing, "tensor")


def _mismatches(
    names: list[str], sizes: Sizes, ran: Mapping[str, tuple[int, ...]]
) -> Iterator[Mismatch]:
    for name in names:
        ours = sizes.tensors[name]
        if ours is not None and ours != ran[name]:
            yield Mismatch(name, "shape", ours, ran[name])


def _run(path: str, inputs: Mapping[str, Value]) -> dict[str, tuple[int, ...]]:
    """Return the sizes of all that a model works out, each made an output."""
    onnx, runtime, np = _libraries()
    try:
        model = onnx.load(path, load_external_data=False)
        put_out = {output.name for output in model.graph.output}
        names = {name for node in model.graph.node for name in node.output if name}
        model.graph.output.extend([onnx.ValueInfoProto(name=each) for each in names - put_out])
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.add_session_config_entry(_FOLDER, str(Path(path).absolute().parent))
        session = runtime.InferenceSession(model.SerializeToString(), options)
        outputs = [output.name for output in session.get_outputs()]
        made = session.run(outputs, {name: _fed(np, value) for name, value in inputs.items()})
    except Exception as error:  # the runtime's own classes derive from nothing narrower
        first = str(error).partition("\n")[0]
        raise UsageError(f"onnxruntime does not run {path}: {first}") from None
    return {name: _shape(value) for name, value in zip(outputs, made, strict=True)}


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


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
