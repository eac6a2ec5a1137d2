"""The flow of data: which operations the outputs need, who makes a value and who reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from bncalc.named import NamedTuple
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.inference import Execution, NodeStep
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.shapes.windows import is_channels_last
from bncalc.readers.onnx.tensor import INT64
from bncalc.readers.onnx.value import DATA, Value


class Flow:
    """The operations on data, in order; chains of sizes and of constants are left out.

    `made` is the operation that puts a value out, constant ones too; `readers` are those of data.
    """

    def __init__(self, trace: Execution) -> None:
        self.trace = trace
        self.values = trace.values
        self.data = [*map(_is_content, trace.values), False]
        """Which values are content: neither constants nor worked out from sizes; none is not."""
        self.made = {place: step for step in trace.steps for place in step.outputs if place != NONE}
        self.readers: dict[int, list[NodeStep]] = defaultdict(list)
        self._outputs = frozenset(trace.outputs)
        self.steps = self._needed()
        for step in self.steps:
            for place in dict.fromkeys(step.inputs):
                self.readers[place].append(step)

    def value(self, place: int) -> Value:
        return self.trace.values[place]

    def is_data(self, place: int) -> bool:
        """Tell whether a value is content: neither a constant nor worked out from sizes."""
        return self.data[place]

    def puts_out(self, places: list[int]) -> bool:
        """Tell whether any of the values is one of the model's outputs."""
        return any(place in self._outputs for place in places)

    def rounding(self, place: int) -> tuple[NodeStep, ...]:
        """Return the steps, the last first, that quantised a value and scaled it back, if any."""
        scaled = self.made.get(place)
        if scaled is None or scaled.call.op != "DequantizeLinear" or not self.is_data(place):
            return ()
        rounded = self.made.get(scaled.inputs[0])
        if rounded is None or rounded.call.op != "QuantizeLinear":
            return ()
        return scaled, rounded

    def before(self, place: int) -> str:
        """Return the operation that made a value, before it was rounded; empty where none did."""
        rounding = self.rounding(place)
        maker = self.made.get(rounding[-1].inputs[0] if rounding else place)
        return "" if maker is None else maker.call.op

    def is_used(self, place: int) -> bool:
        """Tell whether anybody reads a value or it is put out."""
        return bool(self.readers.get(place)) or self.puts_out([place])

    def number(self, place: int) -> float | None:
        """Return the number that a constant of one element is."""
        value = self.trace.values[place] if place != NONE else None
        if value is None or value.numbers is None or len(value.numbers) != 1:
            return None
        return value.numbers[0]

    def _needed(self) -> list[NodeStep]:
        wanted = set(self._outputs)
        steps = []
        for step in reversed(self.trace.steps):
            outputs = step.outputs
            if not wanted.isdisjoint(outputs) and any(map(self.data.__getitem__, outputs)):
                steps.append(step)
                wanted.update([place for place in step.inputs if self.data[place]])
        return steps[::-1]


def _is_content(value: Value) -> bool:
    return value.origin == DATA and value.numbers is None


_FIRST = {
    "AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "GlobalAveragePool", "MaxPool",
}  # fmt: skip
RECURRENT = {"DynamicQuantizeLSTM", "GRU", "LSTM", "RNN"}
"""Operations whose first axis is of steps, and whose second is the batch."""
_LAST = {
    "BiasGelu", "BiasSplitGelu", "DynamicQuantizeMatMul", "Gemm", "GemmFastGelu",
    "GroupQueryAttention", "LayerNormalization", "MatMul", "MatMulBnb4", "MatMulInteger",
    "MatMulIntegerToFloat", "MatMulNBits", "QAttention", "QLinearMatMul", "RMSNormalization",
    "SimplifiedLayerNormalization", *RECURRENT,
}  # fmt: skip
"""Operations that have the channels on axis 1, and those that have them on the last."""
_TURNING = {"Gemm", "QGemm"}
"""Products that may turn a matrix round: its rows are on its last axis then."""
_ALIKE = {
    "Attention": 3, "MultiHeadAttention": 3,
    "SkipLayerNormalization": 2, "SkipSimplifiedLayerNormalization": 2,
}  # fmt: skip
"""How many inputs have their channels on the last axis, of those that take several maps.

Those of attention may have their heads apart, on a fourth axis.
"""


def batch_of(flow: Flow) -> int:
    """Return the batch of the file: the first size of the first input, unless it is of steps.

    A map that the model gives a first axis itself has no batch.
    """
    first = flow.trace.inputs[0]
    dims = flow.value(first).dims or ()
    if len(dims) < 2 or not dims[0]:
        return 1
    for use in _uses(flow, first):
        call = use.step.call
        if call.op in RECURRENT and use.is_first:
            axis = 0 if call.flag("layout") else 1
            return 1 if use.axes[axis] else dims[0]
        if call.op in _TURNING and use.is_first and call.flag("transA"):
            return 1 if use.axes[-1] else dims[0]
        if call.op == "Unsqueeze" and use.axes[0] == 0 and 0 in _known_axes(call):
            return 1
    return dims[0]


def input_axis(flow: Flow, place: int) -> int:
    """Return the axis on which an input has its channels, by the first that tells."""
    count = len(flow.value(place).dims or ())
    for use in _uses(flow, place):
        call, op = use.step.call, use.step.call.op
        if op in _FIRST and count > 2:
            return use.axes[1]
        if count < 4 and use.place in use.step.inputs[: _ALIKE.get(op, 0)]:
            return use.axes[-1]
        if use.is_first and op in _TURNING and call.flag("transA"):
            return use.axes[0]
        last = op in _LAST or is_channels_last(call)
        if use.is_first and (last or _is_over_last(use.step, count)):
            return use.axes[-1]
    return 1 if count > 2 else max(count - 1, 0)


class _Use(NamedTuple):
    """An operation that reads a place; `axes` are those of the input that the place has."""

    step: NodeStep
    place: int
    axes: tuple[int, ...]

    @property
    def is_first(self) -> bool:
        return self.step.inputs[0] == self.place


_MOST_FOLLOWED = 64
"""What reads an input is followed through so many values."""


def _uses(flow: Flow, place: int) -> Iterator[_Use]:
    """Return what reads an input, and what reads that while it keeps the axes of the input.

    The last may have another size, as of a linear layer.
    """
    left = [(place, tuple(range(len(flow.value(place).dims or ()))))]
    for current, axes in islice(left, _MOST_FOLLOWED):  # grows while it is gone through
        kept = flow.value(current).dims or ()
        for step in flow.readers[current] if axes else ():
            made = flow.value(step.outputs[0]).dims or ()
            use = _Use(step, current, axes)
            yield use
            if step.call.op == "Transpose" and use.is_first:
                order = step.call.integers("perm", tuple(reversed(range(len(axes)))))
                left.append((step.outputs[0], tuple([axes[axis] for axis in order])))
            elif len(made) == len(kept) and made[:-1] == kept[:-1]:
                left.append((step.outputs[0], axes))


NOWHERE = Value(INT64)
"""What is known of a value that is not there: nothing."""


def _known_axes(call: OnnxCall) -> tuple[int, ...]:
    known = "axes" in call.attributes or (call.given(1) or NOWHERE).numbers is not None
    return (call.setting("axes", 1) if known else None) or ()


def _is_over_last(step: NodeStep, count: int) -> bool:
    return step.call.op == "ReduceMean" and _known_axes(step.call) in ((-1,), (count - 1,))
