"""The stock of a file: in what it has most of its numbers, and so where its constants begin."""

from __future__ import annotations

from functools import cached_property
from math import prod

from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.names import is_moved
from bncalc.readers.onnx.value import FILE


class Stock:
    """Where a file has its floats: in tensors of its own, in `Constant` nodes, or not at all."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def is_source(self, maker: NodeStep) -> bool:
        """Tell whether a constant begins here: weights that were stripped are made of their sizes.

        In a file that has its weights, what is made so is zeros to begin with.
        """
        if maker.call.op == "ConstantOfShape":
            return self._is_stripped and self._flow.value(maker.inputs[0]).origin == FILE
        return maker.call.op == "Constant"

    def is_literal(self, place: int) -> bool:
        """Tell whether a `Constant` node puts a value out in a file that keeps its weights apart.

        A name may say that a tool has only moved it there.
        """
        maker = self._flow.made.get(place)
        if maker is None or maker.call.op != "Constant" or is_moved(maker.node.outputs[0]):
            return False
        return self._floats[""] > self._floats["Constant"]

    @property
    def _is_stripped(self) -> bool:
        """Whether most floats of the file are not in it: their sizes stand for them."""
        held = self._floats
        return held["ConstantOfShape"] > held[""] + held["Constant"]

    @cached_property
    def _floats(self) -> dict[str, int]:
        """How many floats of the file each operation has that constants begin with; "" is none."""
        trace, made = self._flow.trace, self._flow.made
        sizes = {"": 0, "Constant": 0, "ConstantOfShape": 0}
        for place, value in enumerate(trace.values):
            maker = made.get(place)
            op = "" if maker is None else maker.call.op
            if value.is_float and value.origin == FILE and op in sizes:
                sizes[op] += prod(value.dims or ())
        return sizes
