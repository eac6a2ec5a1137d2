"""Masks: what is added to attention scores, the same to those of every head."""

from __future__ import annotations

from itertools import islice
from math import prod

from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep

_BETWEEN = {"Add", "Cast", "Reshape"}
"""Operations that may lie between a sum of scores and its softmax."""
_MOST_FOLLOWED = 8


def is_mask(flow: Flow, step: NodeStep, place: int) -> bool:
    """Tell whether an operation adds one map to the scores of several heads.

    What is learned of offsets between positions is learned for each head.
    """
    held, scores = [flow.value(each).dims or () for each in (place, step.outputs[0])]
    if step.call.op != "Add" or held[-2:] != scores[-2:]:
        return False
    return prod(held[:-2]) == 1 < prod(scores[:-2]) and _meets_softmax(flow, step.outputs[0])


def _meets_softmax(flow: Flow, place: int) -> bool:
    left = [place]
    for each in islice(left, _MOST_FOLLOWED):  # grows while it is gone through
        for reader in flow.readers[each]:
            if reader.call.op == "Softmax":
                return True
            left += reader.outputs[:1] if reader.call.op in _BETWEEN else ()
    return False
