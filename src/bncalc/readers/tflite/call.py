"""Calls: an operation with the shapes that arrive at it and that it puts out."""

from __future__ import annotations

from bncalc.model.shape import Shape, Unsized
from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.tflite.schema import MainGraph, Operation, TensorRecord
from bncalc.readers.tflite.words import FLOAT, WEIGHTS

MOST_SPACE = 3
_LSTM = (12, 13, 14, 15, 17)
BIASES: dict[str, tuple[int, ...]] = {
    "bidirectional_sequence_lstm": (*_LSTM, 29, 30, 31, 32, 34),
    "bidirectional_sequence_rnn": (3, 7),
    "conv_2d": (2,),
    "conv_3d": (2,),
    "conv_3d_transpose": (3,),
    "depthwise_conv_2d": (2,),
    "fully_connected": (2,),
    "rnn": (3,),
    "svdf": (3,),
    "transpose_conv": (3,),
    "unidirectional_sequence_lstm": _LSTM,
    "unidirectional_sequence_rnn": (3,),
}
"""Which inputs of an operation are its biases, which are wider than its weights."""
LEARNING = {*BIASES, "batch_matmul", "embedding_lookup", "gather", "prelu"}
"""Operations that may learn a single number; to others it is a factor, a limit, a filling."""


class Operator(NamedTuple):
    """An operation; `data` are the indices of the tensors that it works on, in order."""

    model: MainGraph
    operation: Operation
    batch: int
    data: tuple[int, ...]

    @property
    def word(self) -> str:
        return self.operation.word

    def given(self, position: int) -> TensorRecord | None:
        """Return an input by its position; None where it is missing."""
        index = self._index(position)
        return None if index < 0 else self.model.tensors[index]

    def constant(self, position: int) -> TensorRecord | None:
        """Return an input that holds numbers of the file's own; None where it is none."""
        tensor = self.given(position)
        return tensor if tensor is not None and tensor.constant else None

    def numbers(self, *positions: int) -> int:
        """Return how many numbers constant inputs hold."""
        return sum([tensor.elements for tensor in map(self.constant, positions) if tensor])

    def integers(self, position: int) -> tuple[int, ...] | None:
        """Return the numbers of a constant input of whole numbers."""
        index = self._index(position)
        return None if index < 0 else self.model.integers(index)

    def number(self, position: int) -> float | None:
        """Return the number that a constant input of one float holds."""
        tensor = self.constant(position)
        if tensor is None or tensor.type != FLOAT or tensor.content.length != 4:
            return None
        return self.model.flat.real(tensor.content.at)

    def _index(self, position: int) -> int:
        """Return which tensor an input is; a number below 0 where it is missing."""
        inputs = self.operation.inputs
        return inputs[position] if position < len(inputs) else -1

    def learned(self) -> list[TensorRecord]:
        """Return the constant inputs that are weights or a bias, each once."""
        biases = BIASES.get(self.word, ())
        indices: dict[int, int] = {}
        for position, index in enumerate(self.operation.inputs):
            tensor = self.constant(position)
            if tensor is None or (tensor.elements == 1 and self.word not in LEARNING):
                continue
            if tensor.type in WEIGHTS or position in biases:
                indices.setdefault(index, position)
        return [self.model.tensors[index] for index in indices]

    @property
    def is_sized(self) -> bool:
        """Whether the sizes of all that it works on and puts out are known."""
        maps = (*self.data, self.operation.outputs[0])
        return all(self.model.tensors[index].elements for index in maps)

    def shape(self, index: int) -> Shape:
        return shape_of(self.model.tensors[index], self.batch)

    def arriving(self, position: int) -> Shape:
        """Return the shape of an input; raise Damaged where it is missing."""
        index = self._index(position)
        if index < 0:
            raise Damaged(self.operation.at, f"{self.word} has no input {position}")
        return self.shape(index)

    @property
    def x(self) -> Shape:
        """The shape of the first input that is worked on."""
        return self.shape(self.data[0])

    @property
    def out(self) -> Shape:
        return self.shape(self.operation.outputs[0])


def shape_of(tensor: TensorRecord, batch: int) -> Shape:
    """Return the sizes of a tensor as a map: channels, which the file has last, come first."""
    sizes = tensor.sizes
    if len(sizes) > 1 and sizes[0] == batch:
        sizes = sizes[1:]
    if not all(sizes):
        return Unsized()
    *space, channels = sizes or (1,)
    while len(space) > MOST_SPACE:
        space[:2] = [space[0] * space[1]]
    return Shape(channels, *space)
