"""A call: one operation with what is known of its inputs, as the rules of shapes see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bncalc.named import NamedTuple
from bncalc.readers.binary import shortest
from bncalc.readers.onnx.array import place
from bncalc.readers.onnx.value import Contradiction, Dims, Numbers, Unknown, Value


class OnnxCall(NamedTuple):
    """An operation. A missing input is None; attributes are numbers, bytes, tuples or tensors."""

    op: str
    domain: str
    opset: int
    inputs: tuple[Value | None, ...]
    attributes: Mapping[str, object]
    outputs: int = 1

    def given(self, index: int) -> Value | None:
        """Return an input that may be missing."""
        return self.inputs[index] if index < len(self.inputs) else None

    def input(self, index: int) -> Value:
        """Return an input that must be there."""
        value = self.inputs[index] if index < len(self.inputs) else None
        if value is None:
            raise Contradiction(f"input {index} is missing")
        return value

    def dims(self, index: int = 0) -> Dims:
        """Return the sizes of an input; raise Unknown where they depend on content."""
        dims = self.input(index).dims
        if dims is None:
            raise Unknown
        return dims

    def type(self, index: int = 0) -> int:
        return self.input(index).type

    def numbers(self, index: int) -> Numbers:
        """Return what an input holds; raise Unknown where that is content."""
        numbers = self.input(index).numbers
        if numbers is None:
            raise Unknown
        return numbers

    def whole(self, index: int) -> Dims:
        """Return the whole numbers that an input holds."""
        return tuple([int(number) for number in self.numbers(index)])

    def setting(self, name: str, index: int) -> Dims | None:
        """Return what is an attribute in old operator sets and an input in new ones."""
        if name in self.attributes:
            return self.integers(name)
        return None if self.given(index) is None else self.whole(index)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise Contradiction(f"{name} must be a whole number")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return whether a whole number is not 0, as the standard writes truth."""
        return self.integer(name, default) != 0

    def integers(self, name: str, default: Dims = ()) -> Dims:
        value = self.attributes.get(name, default)
        if not isinstance(value, tuple) or not {int, bool}.issuperset(map(type, value)):
            raise Contradiction(f"{name} must be whole numbers")
        return value

    def real(self, name: str, default: float) -> float:
        value = self.attributes.get(name, default)
        if not isinstance(value, (int, float)):
            raise Contradiction(f"{name} must be a number")
        return value

    def decimal(self, name: str, usual: float) -> float:
        """Return a number as people write it: 1e-05, where the file has the nearest float32."""
        return shortest(self.real(name, usual), usual)

    def reals(self, name: str) -> Numbers:
        value = self.attributes.get(name, ())
        if not isinstance(value, tuple) or not {float, int, bool}.issuperset(map(type, value)):
            raise Contradiction(f"{name} must be numbers")
        return value

    def text(self, name: str, default: str = "") -> str:
        value = self.attributes.get(name)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else default

    def axis(self, default: int, index: int = 0, name: str = "axis") -> int:
        """Return the axis of an input that the attribute names, counted from the front."""
        return place(self.integer(name, default), len(self.dims(index)))

    def taken(self) -> dict[int, range]:
        """Return which positions a slice takes, by axis."""
        dims, starts, stops = self.dims(), self.setting("starts", 1), self.setting("ends", 2)
        if starts is None or stops is None:
            raise Contradiction("starts or ends are missing")
        axes, steps = self.setting("axes", 3), self.setting("steps", 4) or (1,) * len(starts)
        own = range(len(starts)) if axes is None else axes
        positions = {}
        for each, start, stop, step in zip(own, starts, stops, steps, strict=True):
            axis = place(each, len(dims))
            to_first = step < 0 and stop < -dims[axis]
            begin = max(start, -dims[axis])  # before the first is the first, even backwards
            positions[axis] = range(dims[axis])[begin : None if to_first else stop : step]
        return positions

    @property
    def is_told(self) -> bool:
        """Whether the file says what is done with the first input, and not content."""
        return all(value is None or value.numbers is not None for value in self.inputs[1:])


ShapeRule = Callable[[OnnxCall], "Value | tuple[Value, ...]"]
"""What puts out the outputs of a call: one, or as many as there may be."""
