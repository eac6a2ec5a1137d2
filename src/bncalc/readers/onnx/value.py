"""Values: what is known of a tensor before anything runs: type, sizes, and small numbers."""

from __future__ import annotations

from math import prod

from bncalc.named import NamedTuple
from bncalc.readers.onnx.tensor import FLOATS, INT64, LARGEST_SIZE, MOST_DIMS, MOST_NUMBERS

Dims = tuple[int, ...]
Numbers = tuple[float, ...]

FILE, SIZES, DATA = 0, 1, 2
"""Where a value comes from: the file alone, also the sizes of the inputs, or their content."""


class Value(NamedTuple):
    """A tensor. `dims` are None where they depend on content; `numbers` are in row-major order."""

    type: int
    dims: Dims | None = None
    numbers: Numbers | None = None
    origin: int = DATA

    @property
    def is_float(self) -> bool:
        return self.type in FLOATS

    @property
    def is_single(self) -> bool:
        return self.dims is not None and prod(self.dims) == 1


class Unknown(Exception):
    """The sizes of what an operation puts out depend on content."""


class Contradiction(Exception):
    """The inputs and attributes of an operation contradict each other."""


def tensor(type_: int, dims: Dims, numbers: Numbers | None = None) -> Value:
    """Return a value of checked sizes; numbers that no int64 holds are dropped."""
    if len(dims) > MOST_DIMS or (dims and not 0 <= min(dims) <= max(dims) <= LARGEST_SIZE):
        shown = "×".join(map(str, dims[:MOST_DIMS]))
        raise Contradiction(f"its output is {shown}; a size is from 0 to {LARGEST_SIZE}")
    if not numbers or type_ in FLOATS:
        return Value(type_, dims, numbers)
    fit = min(numbers) >= -(2**63) and max(numbers) < 2**64
    return Value(type_, dims, numbers if fit else None)


def sizes(numbers: Dims) -> Value:
    """Return the tensor that holds sizes."""
    return Value(INT64, (len(numbers),), tuple(numbers))


def fits(dims: Dims) -> bool:
    """Return whether a tensor is so small that its numbers are looked at, and so is each axis."""
    return prod(dims) <= MOST_NUMBERS and max(dims, default=0) <= MOST_NUMBERS
