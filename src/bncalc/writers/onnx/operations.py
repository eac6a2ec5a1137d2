"""Operations of an ONNX file in their order: what outputs rest on, and which sums are scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bncalc.writers.onnx.loops import CountedNode

ASKING = ("Shape", "Size")
"""Operations that need the sizes of a tensor alone, and not that it is worked out."""


def scores(operations: Sequence[CountedNode]) -> set[str]:
    """Return the outputs of sums that a softmax takes, at once or with other sums between."""
    taken: set[str] = set()
    sums: set[str] = set()
    for each in reversed(operations):
        op = each.op.removeprefix("QLinear")
        if op == "Softmax" or (op in ("Add", "Cast", "Reshape") and each.result in taken):
            sums |= {each.result} if op == "Add" else set()
            taken.update(each.inputs)
    return sums


def needed(operations: Sequence[CountedNode], outputs: Iterable[str]) -> list[CountedNode]:
    """Return the operations that outputs rest on, those that ask for sizes alone as ends."""
    wanted, found = set(outputs), []
    for each in reversed(operations):
        if wanted.intersection(each.outputs):
            found.append(each)
            if each.op not in ASKING:
                wanted.update(each.inputs, each.captured)
    return found[::-1]
