"""What a file leaves open: sizes that those of arriving maps tell, constants to be written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from math import prod

from bncalc.readers.tflite.native import PLAIN
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


Numbers = tuple[int, ...]


def with_sizes(model: MainGraph) -> MainGraph:
    """Return a model whose open sizes are filled in where those of its inputs tell them."""
    tensors = [*model.tensors]
    sizes = _Sizes(model, tensors)
    for operation in model.operations:
        sizes.follow(operation)
    return model._replace(tensors=tuple(tensors))


class _Sizes:
    """What is known of tensors so far: their sizes, and the numbers of those that hold sizes."""

    def __init__(self, model: MainGraph, tensors: list[TensorRecord]) -> None:
        self._model, self._tensors = model, tensors
        self._numbers: dict[int, Numbers] = {}

    def follow(self, operation: Operation) -> None:
        """Note what an operation puts out, as far as that is known."""
        out = operation.outputs[0] if operation.outputs else -1
        if out >= 0 and operation.word in _VALUES:
            with suppress(LookupError, ValueError):  # what it works on is not known either
                self._numbers[out] = _VALUES[operation.word](self, operation)
        if out >= 0 and operation.word in _RULES and not all(self._tensors[out].sizes):
            with suppress(LookupError, ValueError):
                sizes = _RULES[operation.word](self, operation)
                self._tensors[out] = self._tensors[out]._replace(sizes=sizes)

    def sizes(self, operation: Operation, at: int = 0) -> Numbers:
        """Return the sizes of an input; raise LookupError where one is open."""
        index = operation.inputs[at]
        sizes = self._tensors[index].sizes
        if index < 0 or not all(sizes):
            raise LookupError
        return sizes

    def numbers(self, operation: Operation, at: int) -> Numbers:
        """Return the numbers that an input holds; raise LookupError where they are not known."""
        index = operation.inputs[at]
        known = self._numbers.get(index)
        known = self._model.integers(index) if known is None and index >= 0 else known
        if known is None:
            raise LookupError
        return known


def _cut(sizes: _Sizes, operation: Operation) -> Numbers:
    """A stretch of a row, or one number of it."""
    held, (start,), (stop,), (step,) = [sizes.numbers(operation, at) for at in range(4)]
    if operation.option(4):
        return (held[start],)
    first, last = operation.option(0), operation.option(1)
    return held[None if first else start : None if last else stop : step]


def _joined(sizes: _Sizes, operation: Operation) -> Numbers:
    every = [sizes.numbers(operation, at) for at in range(len(operation.inputs))]
    return tuple([number for each in every for number in each])


def _picked(sizes: _Sizes, operation: Operation) -> Numbers:
    held, places = sizes.numbers(operation, 0), sizes.numbers(operation, 1)
    return tuple([held[place] for place in places])


def _multiplied(sizes: _Sizes, operation: Operation) -> Numbers:
    (one, *more), others = sizes.numbers(operation, 0), sizes.numbers(operation, 1)
    if more or len(others) != 1:
        raise LookupError
    return (one * others[0],)


_VALUES: dict[str, Callable[[_Sizes, Operation], Numbers]] = {
    "cast": lambda sizes, operation: sizes.numbers(operation, 0),
    "concatenation": _joined,
    "gather": _picked,
    "mul": _multiplied,
    "pack": _joined,
    "reduce_prod": lambda sizes, operation: (prod(sizes.numbers(operation, 0)),),
    "shape": lambda sizes, operation: sizes.sizes(operation),
    "strided_slice": _cut,
}
"""What puts out numbers that are sizes, or are made of them."""


def _reshaped(sizes: _Sizes, operation: Operation) -> Numbers:
    elements, wanted = prod(sizes.sizes(operation)), [*sizes.numbers(operation, 1)]
    rest = prod([size for size in wanted if size != -1])
    if wanted.count(-1) == 1 and rest > 0:
        wanted[wanted.index(-1)] = elements // rest
    if prod(wanted) != elements or min(wanted, default=1) < 1:
        raise LookupError
    return tuple(wanted)


def _stacked(sizes: _Sizes, operation: Operation) -> Numbers:
    first, *others = [sizes.sizes(operation, at) for at in range(len(operation.inputs))]
    axis = operation.option(0) % max(len(first), 1)
    return (*first[:axis], first[axis] + sum([own[axis] for own in others]), *first[axis + 1 :])


def _turned(sizes: _Sizes, operation: Operation) -> Numbers:
    own = sizes.sizes(operation)
    return tuple([own[axis] for axis in sizes.numbers(operation, 1)])


def _spread(sizes: _Sizes, operation: Operation) -> Numbers:
    return tuple(_widest(sizes.sizes(operation, 0), sizes.sizes(operation, 1)))


def _widest(first: Numbers, second: Numbers) -> Iterator[int]:
    longest = max(len(first), len(second))
    rows = [(1,) * (longest - len(own)) + own for own in (first, second)]
    for one, other in zip(*rows, strict=True):
        if one != other and 1 not in (one, other):
            raise LookupError
        yield max(one, other)


_RULES: dict[str, Callable[[_Sizes, Operation], Numbers]] = {
    "concatenation": _stacked,
    "reshape": _reshaped,
    "transpose": _turned,
    **dict.fromkeys(("add", "div", "maximum", "minimum", "mul", "sub"), _spread),
    **dict.fromkeys(
        (*PLAIN, "cast", "dequantize", "leaky_relu", "quantize"),
        lambda sizes, operation: sizes.sizes(operation),
    ),
}
"""What puts out a map whose sizes follow from those that arrive."""
