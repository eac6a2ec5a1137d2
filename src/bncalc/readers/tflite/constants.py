"""Constants that a runtime writes out once: weights in half the bits, or without their zeros."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.readers.tflite.schema import MainGraph, Operation, TensorRecord

WRITING_OUT = ("dequantize", "densify")
"""Operations that run once, before the first run, if what they read is a constant."""


def with_constants(model: MainGraph) -> MainGraph:
    """Return a model that reads its constants as the file holds them, as narrow as there."""
    tensors, operations, written = list(model.tensors), [], 0
    for operation in model.operations:
        source = _written_out(operation, tensors)
        if source is None:
            operations.append(operation)
            continue
        (made,) = operation.outputs
        written += tensors[made].bytes
        tensors[made] = tensors[made]._replace(content=source.content, type=source.type)
    return model._replace(tensors=tuple(tensors), operations=tuple(operations), written_out=written)


def _written_out(operation: Operation, tensors: Sequence[TensorRecord]) -> TensorRecord | None:
    """Return the constant that an operation writes out; None where it does something else."""
    ends = (len(operation.inputs), len(operation.outputs))
    if operation.word not in WRITING_OUT or ends != (1, 1):
        return None
    (index,) = operation.inputs
    return tensors[index] if index >= 0 and tensors[index].constant else None
