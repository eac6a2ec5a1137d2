"""The maker: ONNX nodes and tensors are collected, as plain values that need no library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from math import prod
from struct import pack, unpack
from typing import Any

from bncalc.errors import UsageError
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.printable import printable

_FLOAT = 1
"""The type float32, by its number in ONNX."""
AttributeValue = int | float | str | list[int]


LAYER, PARTS = "bncalc.layer", "bncalc.parts"
"""Properties of a node: the path of its layer, and the words of the parts around that."""


class OnnxNode(NamedTuple):
    """One ONNX node."""

    op: str
    inputs: tuple[str, ...]
    output: str
    name: str
    attributes: dict[str, AttributeValue]
    properties: Mapping[str, str] = {}


class Initializer(NamedTuple):
    """A tensor that is learned or measured: `usual` is what its numbers lie around."""

    name: str
    shape: tuple[int, ...]
    usual: float

    @property
    def bytes(self) -> int:
        return 4 * prod(self.shape)


_SHORT = 8
"""So many numbers are told in a name at most: readers take no name of thousands of bytes."""


class Maker:
    """Collects what the layers of a network are in ONNX."""

    def __init__(self) -> None:
        self.nodes: list[OnnxNode] = []
        self.weights: dict[str, Initializer] = {}
        self.constants: dict[str, list[int] | float] = {}
        self.outputs: list[str] = []
        self._path = ""
        self._owner = ""
        self._properties: Mapping[str, str] = {}
        self._names: dict[str, int] = {}
        self._has_bias = True
        self._lists: dict[tuple[int, ...], str] = {}

    def begin(self, path: str, owner: str, words: Sequence[str]) -> None:
        """Begin a layer within parts of these words; its weights are named after their owner."""
        self._path, self._owner, self._has_bias = plain(path), plain(owner), True
        self._properties = {LAYER: printable(path), PARTS: printable("/".join(words))}

    def node(self, op: str, *inputs: str, **attributes: AttributeValue) -> str:
        """Add a node and return the name of what it puts out."""
        for value in attributes.values():
            if isinstance(value, float):
                _need_single(value)
        name = self._unique(f"/{self._path}/{op}")
        node = OnnxNode(op, inputs, f"{name}_output", name, attributes, self._properties)
        self.nodes.append(node)
        return f"{name}_output"

    def reshaped(self, name: str, shape: Sequence[int]) -> str:
        """Add a node that gives a map other sizes, behind a batch of one."""
        return self.node("Reshape", name, self.numbers(1, *shape))

    def put_out(self, name: str, output: str) -> str:
        """Give a map the name of an output."""
        output = self._unique(output)
        self.nodes.append(OnnxNode("Identity", (name,), output, "", {}))
        self.outputs.append(output)
        return output

    def without_bias(self) -> None:
        """Note that the bias of this layer is none that it has learned."""
        self._has_bias = False

    def weight(self, word: str, *shape: int, usual: float = 0.0) -> str:
        """Return the name of a weight; one that is there already is that of an earlier layer."""
        if word == "bias" and not self._has_bias:
            return self.fixed(0, *shape)
        name = f"{self._owner.replace('/', '.')}.{word}"
        self.weights.setdefault(name, Initializer(name, shape, usual))
        return name

    def numbers(self, *values: int) -> str:
        """Return the name of a list of whole numbers, as shapes and axes are given.

        A short list is named after its numbers, and a long one by how many came before.
        """
        short = "/".join(["sizes", *map(str, values)]) if len(values) <= _SHORT else ""
        name = self._lists.setdefault(values, short or f"numbers/{len(self._lists) + 1}")
        self.constants[name] = list(values)
        return name

    def number(self, value: float) -> str:
        """Return the name of a single number."""
        _need_single(value)
        name = f"number/{value!r}"
        self.constants[name] = value
        return name

    def fixed(self, value: int, *shape: int) -> str:
        """Return a map of one whole number, worked out from integers: nothing of it is learned."""
        whole = self.node("Expand", self.numbers(value), self.numbers(*shape))
        return self.node("Cast", whole, to=_FLOAT)

    def _unique(self, name: str) -> str:
        count = self._names[name] = self._names.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"


class PlacedOp(NamedTuple):
    """An op with the names and shapes of the maps that arrive, and the shape that it puts out."""

    op: Any
    inputs: list[str]
    shapes: tuple[Shape, ...]
    output: Shape

    @property
    def source(self) -> str:
        """The name of the first map that arrives."""
        return self.inputs[0]

    @property
    def x(self) -> Shape:
        """The shape of the first map that arrives."""
        return self.shapes[0]


OpWriter = Callable[[Maker, PlacedOp], str]
"""Writes an op; returns the name of what it puts out."""


def plain(path: str) -> str:
    """Return a path in which dots do not part names: `conv1.norm` is `conv1_norm`."""
    return printable(path).replace(".", "_")


def _need_single(number: float) -> None:
    """Raise UsageError for a number that becomes 0 or infinite in the 32 bits of ONNX."""
    with suppress(OverflowError):
        (held,) = unpack("<f", pack("<f", number))
        if bool(held) == bool(number):
            return
    raise UsageError(f"{number:g} does not fit into the 32 bits of a number in ONNX")
