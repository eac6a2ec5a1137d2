"""Roles: which numbers of a file are learned, by the slot in which they enter an operation.

Constants are followed back to their sources: tensors of the file, outputs of `Constant`, and of
`ConstantOfShape` where it stands for stripped weights. Each counts once, where it is used first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from math import prod

from bncalc.model.cost import Cost
from bncalc.named import NamedTuple
from bncalc.readers.onnx.biases import is_bias_of_one
from bncalc.readers.onnx.evidence import Evidence
from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.names import (
    is_learned_number,
    is_of_formula,
    is_of_mask,
    module_of_weight,
)
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.slots import (
    JOINS,
    OF_WEIGHTS,
    B,
    S,
    W,
    X,
    is_weight,
    learnable,
    slots,
    working_on,
)
from bncalc.readers.onnx.tensor import BITS, FLOATS
from bncalc.readers.onnx.value import DATA, Value

_PACKED = {"GatherBlockQuantized": "bits", "MatMulBnb4": "bits", "MatMulNBits": "bits"}
"""Operations whose weights are packed, several in one element, by the attribute with their bits."""
_QUANTISED = {
    "ConvInteger", "DequantizeLinear", "DynamicQuantizeLSTM", "DynamicQuantizeMatMul",
    "MatMulInteger", "MatMulIntegerToFloat", "QAttention", "QEmbedLayerNormalization", "QGemm",
    "QLinearConv", "QLinearMatMul", *JOINS, *_PACKED,
}  # fmt: skip
"""Operations whose weights are whole numbers."""
_MOVING = {
    "Cast", "Concat", "DequantizeLinear", "Flatten", "Gather", "Identity", "Pad", "Reshape",
    "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze",
}  # fmt: skip
"""Operations after which the same numbers are elsewhere."""
MOST_MOVES = 64
"""How many operations are looked at for what scales a row of a table."""
_WRITTEN, _FILLED = {"ScatterElements", "ScatterND"}, {"ConstantOfShape", "Expand"}
"""Operations that write into a map, and those that made it for that: a mask begins as zeros."""
ALONE = {"Einsum", "MatMul", "MatMulInteger"}
"""Products that may be of constants alone: the first is multiplied then, positions say."""


Source = tuple[int, NodeStep, int]
"""Where a constant begins, the operation that takes it, and the slot there."""


class LearnedByRole(NamedTuple):
    """What an operation has learned: elements by role, and all their bits."""

    weights: int = 0
    biases: int = 0
    buffers: int = 0
    bits: int = 0

    @property
    def params(self) -> int:
        return self.weights + self.biases

    def cost(self, cost: Cost) -> Cost:
        """Return a cost with what is learned in it."""
        return cost._replace(weights=self.weights, biases=self.biases, buffers=self.buffers)


class Roles:
    """Finds what operations have learned, one after the other: what is shared counts once."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self.evidence = Evidence(flow)
        self._counted: set[int] = set()
        self._copied: dict[tuple[str, int], int] = {}
        """The first copy of each parameter that the file has turned only, by how many numbers."""

    def learned(self, steps: Sequence[NodeStep]) -> tuple[LearnedByRole, frozenset[int]]:
        """Return what enters operations for the first time, and all the sources of their constants.

        A value that a source was followed through is not followed again: it brings nothing new.
        """
        elements, bits = {W: 0, B: 0, S: 0}, 0
        all_of_them: list[int] = []
        for step in steps:
            for role, sources in self._by_slot(step):
                for source in sources:
                    originals = self._originals(source)
                    all_of_them += originals
                    if originals == [source] and source not in self._counted:
                        self._counted.add(source)
                        count, held = _numbers(step, self._flow.values[source])
                        elements[role] += count
                        bits += held
        own = LearnedByRole(elements[W], elements[B], elements[S], bits)
        return own, frozenset(all_of_them)

    def _originals(self, place: int) -> list[int]:
        """Return the parameters that a tensor was worked out from, if the file has all of them.

        They count where they are used themselves: an embedding's table, which turned is the weights
        of a projection, is one parameter. One of which the file only has turned copies is the first
        of these.
        """
        name = self._flow.trace.names[place]
        names = self.evidence.provenance.parameters(name)
        if names and {*names} <= self._tensors.keys():
            return [self._tensors[each] for each in names]
        copied = self.evidence.provenance.copied(name)
        elements = prod(self._flow.value(place).dims or ())
        return [self._copied.setdefault((copied, elements), place) if copied else place]

    def _by_slot(self, step: NodeStep) -> Iterator[tuple[str, list[int]]]:
        """Yield what is behind the learned slots of an operation; of constants alone behind all."""
        values, inputs = self._flow.values, step.inputs
        op, count = step.call.op, len(inputs)
        learned = [
            slot
            for slot in learnable(op, count)
            if (place := inputs[slot[1]]) != NONE and values[place].origin != DATA
        ]
        if op in ALONE and len(learned) == len(learnable(op, count)) > 1:
            if op == "Einsum":
                both = [source for _, index in learned for source in self._sources(step, index)]
                yield W, self._own(self._learned(both))
                return
            (_, first), *learned = learned
            yield W, self._named_behind(step, first)
        for index in working_on(op, count) if op in OF_WEIGHTS else ():
            if inputs[index] != NONE and values[inputs[index]].origin != DATA:
                yield W, self._named_behind(step, index)
        for role, index in learned:
            sources = self._sources(step, index)
            yield role, self._own([*sources] if role == S else self._learned(sources))

    def claim(self, place: int, elements: int) -> int:
        """Count a constant map of so many elements if it is a parameter; return its bits.

        Its name tells that, or what is noted down: a fixed table may lie there just as well.
        """
        value = self._flow.value(place)
        if place in self._counted or place in self._flow.made or not value.is_float:
            return 0
        if prod(value.dims or ()) != elements or not self._is_of_model(place):
            return 0
        users = self._flow.readers[place]
        if users and not any(slots(step)[step.inputs.index(place)] for step in users):
            return 0
        self._counted.add(place)
        return elements * BITS[value.type]

    def _named_behind(self, step: NodeStep, index: int) -> list[int]:
        """Return the parameters that a constant map was worked out from, but for the map itself."""
        if step.inputs[index] not in self._flow.made:
            return []
        sources = self._sources(step, index)
        return [place for place, _, _ in sources if self._is_of_model(place)]

    def _is_of_model(self, place: int) -> bool:
        """Tell whether a constant map is a parameter by what is said of it.

        A tensor that PyTorch's older exporter has worked out from others of the model is one too.
        """
        return self._is_named(place) or self._flow.trace.names[place].startswith("onnx::")

    def _learned(self, sources: Iterable[Source]) -> list[Source]:
        return [each for each in sources if self.evidence.is_learned(*each)]

    def _own(self, sources: Sequence[Source]) -> list[int]:
        """Return the sources that are the model's own, where others are constants of a formula.

        What is put together before it meets data, a grid and a projection say, has them all: names
        tell those of the model. What an operation takes as its weights is learned, the gain of a
        norm of weights say, whatever name the exporter gave it.
        """
        if len(sources) < 2:
            return [place for place, _, _ in sources]
        names = self._flow.trace.names
        own = {place for place, _, _ in sources if module_of_weight(names[place])}
        return [
            place
            for place, user, slot in sources
            if place in own or not own or is_weight(user, slot)
        ]

    def _sources(self, step: NodeStep, index: int) -> Iterator[Source]:
        """Yield the sources behind a slot, each with the slot in which what only moves it ends.

        Those behind what was followed before are left out, and statistics of weights: what they are
        worked out from may be a second copy of the weights in another order.
        """
        left = [(step, index, step, index, self._is_quantised(step), False)]
        while left:
            reader, at, user, slot, quantised, single = left.pop()
            place = reader.inputs[at]
            value = self._flow.value(place)
            maker = self._flow.made.get(place)
            single = single or (value.is_single and not self._takes_one(user, value))
            if maker and reader.call.op in _WRITTEN and maker.call.op in _FILLED:
                continue
            if maker is None or self.evidence.stock.is_source(maker):
                if (value.is_float or quantised) and not (single and not self._is_named(place)):
                    yield place, user, slot
            elif place not in self._counted:
                self._counted.add(place)
                moves = maker.call.op in _MOVING
                quantised = quantised or maker.call.op in _QUANTISED
                for i, role in enumerate(slots(maker)):
                    if role in (X, W, B):
                        end = (user, slot) if moves else (maker, i)
                        left.append((maker, i, *end, quantised, single))

    def _takes_one(self, step: NodeStep, value: Value) -> bool:
        """Tell whether an operation may learn a single number, as the bias of one output."""
        return step.call.op in OF_WEIGHTS or (bool(value.dims) and is_bias_of_one(self._flow, step))

    def _is_named(self, place: int) -> bool:
        """Tell whether a tensor is a parameter by what is noted down of it, or by its name."""
        noted, name = self.evidence.is_noted(place), self._flow.trace.names[place]
        if noted is not None:
            return noted
        is_single = self._flow.value(place).is_single
        called = is_learned_number(name) if is_single else module_of_weight(name)
        return bool(called) and not (is_of_formula(name) or is_of_mask(name))

    @cached_property
    def _tensors(self) -> dict[str, int]:
        """The places of the file's own tensors by name."""
        places = {name: place for place, name in reversed([*enumerate(self._flow.trace.names)])}
        return {tensor.name: places[tensor.name] for tensor in self._flow.trace.graph.tensors}

    def _is_quantised(self, step: NodeStep) -> bool:
        """Tell whether weights are whole numbers there, or rows that are moved and scaled later."""
        left = [step]
        for reader in islice(left, MOST_MOVES):  # grows while it is gone through
            if reader.call.op in _QUANTISED:
                return True
            if reader.call.op in _MOVING and step.call.op == "Gather":
                left += self._flow.readers[reader.outputs[0]]
        return False


def _numbers(step: NodeStep, value: Value) -> tuple[int, int]:
    """Return how many numbers a tensor is to the operation that learns from it, and their bits."""
    elements, bits = prod(value.dims or ()), BITS.get(value.type, 32)
    packed = _PACKED.get(step.call.op)
    if packed is None or value.type in FLOATS:
        return elements, elements * bits
    each = max(step.call.integer(packed, 4), 1)
    rows = step.call.integer("N") * step.call.integer("K")
    return rows or elements * bits // each, elements * bits
