"""A plain count of an ONNX file: params from its own tensors, MACs from its runtime's sizes.

It shares nothing with the reader: constants are followed forwards, from tensors to where they meet
data, and told by their element types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from bncalc.named import NamedTuple
from bncalc.writers.onnx.learned_names import (
    is_moved,
    is_of_a_formula,
    is_of_a_mask,
    is_of_a_module,
    is_of_a_parameter,
    is_of_node,
)
from bncalc.writers.onnx.loops import LOOPS, CountedNode, TensorType, multiplications
from bncalc.writers.onnx.operations import ASKING, needed, scores

NOT_LEARNED: dict[str, tuple[int, ...]] = {
    "Attention": (3,),
    "BatchNormalization": (3, 4),
    "ConvInteger": (2, 3),
    "DequantizeLinear": (1, 2),
    "DynamicQuantizeLSTM": (4, 5, 6, 8, 9, 10, 11),
    "DynamicQuantizeMatMul": (2, 3),
    "Equal": (0, 1),
    "GRU": (4, 5),
    "GatherBlockQuantized": (2, 3),
    "Greater": (0, 1),
    "GreaterOrEqual": (0, 1),
    "GridSample": (1,),
    "LSTM": (4, 5, 6),
    "Less": (0, 1),
    "LessOrEqual": (0, 1),
    "MatMulInteger": (2, 3),
    "MatMulIntegerToFloat": (2, 3, 4, 5),
    "MatMulBnb4": (2,),
    "MatMulNBits": (2, 3, 4),
    "MaxRoiPool": (1,),
    "NegativeLogLikelihoodLoss": (0, 1, 2),
    "NonMaxSuppression": (0, 1, 2, 3, 4),
    "QAttention": (3, 4, 6, 7),
    "QEmbedLayerNormalization": (*range(8, 18),),
    "QGemm": (1, 2, 4, 5, 7, 8),
    "QLinearAdd": (1, 2, 4, 5, 6, 7),
    "QLinearConv": (1, 2, 4, 5, 6, 7),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7),
    "QLinearMul": (1, 2, 4, 5, 6, 7),
    "QuantizeLinear": (1, 2),
    "RNN": (4, 5),
    "Resize": (1, 2, 3),
    "RoiAlign": (1,),
    "RotaryEmbedding": (1, 2, 3),
    "STFT": (2,),
    "SoftmaxCrossEntropyLoss": (0, 1, 2),
    "ScatterElements": (2,),
    "ScatterND": (2,),
    "Unique": (0,),
    "Upsample": (1,),
}
"""Inputs that are statistics, scales, zero points, masks and first states, by operation."""
_MOVING = {
    "Cast", "Concat", "DequantizeLinear", "Expand", "Flatten", "Gather", "Identity", "Pad",
    "Reshape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze",
}  # fmt: skip
"""Operations that put a constant elsewhere and work nothing out."""
_QUANTISED = {"ConvInteger", "DequantizeLinear", "MatMulInteger", "QGemm", "QLinearConv"}
"""Operations whose biases may be whole numbers of 32 bits."""
_OF_INTEGERS = {
    "ConvInteger", "MatMulInteger", "MatMulIntegerToFloat", "QGemm", "QLinearConv", "QLinearMatMul"
}  # fmt: skip
"""Products of whole numbers."""
_OF_ONE = {
    "BatchNormalization", "Conv", "ConvTranspose", "FusedConv", "FusedGemm", "Gemm",
    "LayerNormalization", "MatMul", "PRelu", "QGemm", "QLinearConv",
}  # fmt: skip
"""Operations that may learn a single number; elsewhere it is a factor or an offset."""
_OF_QUANTISERS = ("_scale", "_zero_point")
"""What quantisers end the names of their numbers with."""
_SCALING = {"Cast", "DequantizeLinear", "Mul", "QuantizeLinear"}
"""Operations that may lie between a product of whole numbers and its bias."""
_NORMS = {"BatchNormalization", "GroupNormalization", "InstanceNormalization", "LayerNormalization"}
"""Operations that must be given a scale and a shift, whether they are learned or not."""
_TAKING = {*LOOPS, *_OF_ONE, *_NORMS, "RMSNormalization", "SimplifiedLayerNormalization"}
"""Operations that have a place for weights; what others are given may be a mask."""
LEARNED = ("float", "bfloat", "double", "int8", "uint8", "int4", "uint4", "int16", "uint16")
"""What the element types of learned numbers begin with."""


class NodeTally(NamedTuple):
    """What one operation has: learned numbers that no earlier one has, and multiplications.

    `params` are None where constants are worked out from several, which need not all be learned.
    """

    params: int | None
    macs: int


class _Behind(NamedTuple):
    """What a constant is made of: tensors of the file, and whether they are only moved."""

    tensors: frozenset[str]
    moved: bool = True


_NOTHING = _Behind(frozenset())


def count(
    operations: Sequence[CountedNode],
    constants: Iterable[str],
    tensors: Mapping[str, TensorType],
    outputs: Iterable[str],
    noted: Mapping[str, bool] = {},
    masks: Mapping[str, bool] = {},
) -> dict[str, NodeTally]:
    """Return what each operation on data that the outputs need has, by its first output.

    `constants` are the tensors that the file holds apart from nodes; `tensors` are all. `noted` is
    whether they are learned, of those of which the file itself says so, and `masks` whether they
    are masks, of those whose numbers tell.
    """
    counter = _Counter(tensors, noted, masks)
    for name in constants:
        counter.hold(name)
        counter.apart.add(name)
    written, filled = [
        {each.outputs[0] for each in operations if each.op == op}
        for op in ("Constant", "ConstantOfShape")
    ]
    held = _floats(constants, tensors)
    if _floats(written, tensors) < held:
        counter.literals = {name for name in written if not is_moved(name)}
    if _floats(filled, tensors) <= _floats(written, tensors) + held:
        counter.zeros = filled
    counter.scores = scores(operations)
    tallies = {}
    for each in needed(operations, outputs):
        if not counter.is_constant(each):
            tallies[each.result] = NodeTally(counter.params(each), multiplications(each, tensors))
    return tallies


class _Counter:
    """What is behind each constant so far, and what has been counted."""

    def __init__(
        self,
        tensors: Mapping[str, TensorType],
        noted: Mapping[str, bool],
        masks: Mapping[str, bool],
    ) -> None:
        self._tensors, self._noted, self._masks = tensors, noted, masks
        self._behind: dict[str, _Behind] = {}
        self._sizes: set[str] = set()
        self._reshaped: set[str] = set()
        self._counted: set[str] = set()
        self._alone: set[str] = set()
        """What products with one output put out."""
        self._scales: set[str] = set()
        """What maps are scaled by that are quantised in each run."""
        self.literals: set[str] = set()
        """Outputs of `Constant` nodes, in a file that keeps most of its floats apart from nodes."""
        self.apart: set[str] = set()
        """The tensors that the file holds apart from nodes."""
        self.scores: set[str] = set()
        """What sums of attention scores put out."""
        self.zeros: set[str] = set()
        """Outputs of `ConstantOfShape`, in a file whose weights are not stripped."""

    def hold(self, name: str) -> None:
        """Take a tensor of the file, which is its own source if it may be learned."""
        learned = self._tensors[name].type.startswith((*LEARNED, "int32"))
        learned = learned and name not in self.zeros and self._noted.get(name, True)
        self._behind[name] = _Behind(frozenset([name] * learned))

    def is_constant(self, each: CountedNode) -> bool:
        """Tell whether an operation works on constants and sizes alone; note what it makes then."""
        inputs = {name for name in (*each.inputs, *each.captured) if name in self._tensors}
        self._reshaped.update(each.outputs if each.op == "Reshape" else ())
        if each.op in ASKING:
            self._sizes.update(each.outputs)
        elif self._multiplies(each) or not inputs <= self._behind.keys():
            return False
        elif self._sizes & inputs:
            self._sizes.update(each.outputs)
        if each.op in ("Constant", "ConstantOfShape") and not self._sizes & {*each.outputs}:
            self.hold(each.outputs[0])
        else:
            made = self._worked_out(each)
            self._behind.update(dict.fromkeys(each.outputs, made))
        return True

    def _multiplies(self, each: CountedNode) -> bool:
        """Tell whether it is a product that each run works out: of maps, and not of vectors."""
        if each.op not in LOOPS:
            return False
        packed = each.op in ("MatMulBnb4", "MatMulNBits")
        right = 3 if each.op in ("QGemm", "QLinearConv", "QLinearMatMul") else 1
        sides = [each.inputs[0], *([] if packed else [each.inputs[right]])]
        factors = [self._tensors[name] for name in sides if name]
        usual = factors[0].type.startswith(LEARNED[:3]) or each.op in _OF_INTEGERS
        return usual and all(len(factor.dims) > 1 for factor in factors)

    def _worked_out(self, each: CountedNode) -> _Behind:
        if each.op in ASKING:
            return _NOTHING
        held = [self._behind[name] for name in each.captured if name in self._behind]
        sources = [*self._sources(each), *held]
        all_of_them = frozenset[str]().union(*[behind.tensors for behind in sources])
        several = sum([prod(self._tensors[name].dims) > 1 for name in all_of_them]) > 1
        moved = all(behind.moved for behind in sources)
        return _Behind(all_of_them, moved and (each.op in _MOVING or not several))

    def params(self, each: CountedNode) -> int | None:
        """Return the learned numbers that enter an operation on data for the first time."""
        if each.op == "DynamicQuantizeLinear":
            self._scales.add(each.outputs[1])
        if each.op == "Mul" and self._scales.intersection(each.inputs):
            return 0
        sources = self._sources(each)
        names = frozenset[str]().union(*[self._learned(each, behind) for behind in sources])
        names -= self._counted
        self._counted |= names
        if each.op == "Einsum" and {*each.inputs} <= self._behind.keys():
            return None  # either may be what is learned
        if not all(behind.moved or not behind.tensors & names for behind in sources):
            return None
        if self._has_one_output(each):
            self._alone.add(each.result)
        of_one = each.op in _OF_ONE or self._is_bias(each)
        single = (
            self._single(each)
            if of_one
            else [name for name in names if self._noted.get(name, is_of_a_module(name))]
        )
        counted = {*single, *[name for name in names if prod(self._tensors[name].dims) > 1]}
        return sum([self._size(each, name) for name in names & counted])

    def _learned(self, each: CountedNode, behind: _Behind) -> frozenset[str]:
        """Return what may be learned of the tensors behind a constant: masks and tables are not."""
        column = each.op == "MatMul" and self._tensors[each.inputs[1]].dims[-2:-1] == (1,)
        if behind.moved and each.op in _TAKING and not column:
            return behind.tensors
        return frozenset([n for n in behind.tensors - self.literals if not self._is_fixed(n)])

    def _is_fixed(self, name: str) -> bool:
        """Tell whether a tensor is a mask or a table, by its numbers or else by its name."""
        by_name = is_of_a_formula(name) or self._masks.get(name, is_of_a_mask(name))
        return by_name and not self._noted.get(name, False)

    def _is_bias(self, each: CountedNode) -> bool:
        """Tell whether a number is added to what a product with one output puts out."""
        after = not self._alone.isdisjoint(each.inputs)
        sizes = [self._tensors[name].dims for name in each.inputs if name in self._behind]
        return after and each.op in ("Add", "QLinearAdd") and () not in sizes[:1]

    def _has_one_output(self, each: CountedNode) -> bool:
        """Tell whether it is a product with one output, or scales what one has put out."""
        if each.op in LOOPS and "MatMul" in each.op:
            return self._tensors[each.result].dims[-1:] == (1,)
        if each.op in LOOPS and "Conv" in each.op:
            return self._tensors[each.result].dims[1] == 1
        return each.op in _SCALING and not self._alone.isdisjoint(each.inputs)

    def _single(self, each: CountedNode) -> frozenset[str]:
        """Return what is behind the constants of one number; behind larger ones it is a factor."""
        constants = [name for name in each.inputs if name in self._behind]
        ones = [name for name in constants if prod(self._tensors[name].dims) == 1]
        return frozenset[str]().union(*[self._behind[name].tensors for name in ones])

    def _map(self, name: str) -> _Behind:
        """Return the parameters behind a constant map that weights multiply; tables are none."""
        behind = self._behind[name]
        own = [
            each
            for each in behind.tensors
            if self._noted.get(each, each in self.apart and is_of_a_parameter(each))
            and not self._is_fixed(each)
            and not each.endswith(_OF_QUANTISERS)
        ]
        return behind._replace(tensors=frozenset(own))

    def _size(self, each: CountedNode, name: str) -> int:
        """Return how many numbers a tensor is; one of bytes may hold several in each, and gaps."""
        dims, kind = self._tensors[name]
        if kind != "uint8":
            return prod(dims)
        rows, columns, bits = [each.attributes.get(key) for key in ("N", "K", "bits")]
        if isinstance(rows, int) and isinstance(columns, int):
            return rows * columns
        return prod(dims) * 8 // bits if isinstance(bits, int) else prod(dims)

    def _sources(self, each: CountedNode) -> list[_Behind]:
        """Return what is behind each constant that an operation learns from."""
        grouped = each.op == "InstanceNormalization" and each.inputs[0] in self._reshaped
        if grouped and not is_of_a_module(each.inputs[1]):
            return []  # a group norm takes its statistics so, and learns what follows
        left_out, narrow = NOT_LEARNED.get(each.op, ()), each.op not in _QUANTISED
        alone = {*each.inputs} <= self._behind.keys() and self._multiplies(each)
        return [
            self._map(name) if alone and index == 0 else self._behind[name]
            for index, name in enumerate(each.inputs)
            if name in self._behind and index not in left_out
            if not (narrow and self._tensors[name].type == "int32")
            if not (each.op in _NORMS and self._is_given(name))
            if not (each.result in self.scores and self._is_mask(each, name))
        ]

    def _is_given(self, name: str) -> bool:
        """Tell whether a norm without scale and shift is given a constant: numbers all alike."""
        return name in self.literals or (is_of_node(name) and name not in self._masks)

    def _is_mask(self, each: CountedNode, name: str) -> bool:
        """Tell whether a constant without a module's name is the same for each of several heads."""
        held, scores = self._tensors[name].dims, self._tensors[each.result].dims
        own = "." in name or self._noted.get(name, False) or name in self._masks
        return not own and held[-2:] == scores[-2:] and prod(held[:-2]) == 1 < prod(scores[:-2])


def _floats(names: Iterable[str], tensors: Mapping[str, TensorType]) -> int:
    """Return how many numbers float tensors hold."""
    held = [tensors[name] for name in names]
    return sum([prod(each.dims) for each in held if each.type.startswith(LEARNED[:3])])
