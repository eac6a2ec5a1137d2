"""Held: what a line of PyTorch has learned or stored, as tensors of ONNX, and modules of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bncalc.model.literal import Expression
from bncalc.model.op import Op
from bncalc.model.shape import Shape
from bncalc.writers.onnx.calls.arithmetic import ARITHMETIC
from bncalc.writers.onnx.calls.moves import gathered, indexed
from bncalc.writers.onnx.calls.norms import layer_norm
from bncalc.writers.onnx.calls.products import linear
from bncalc.writers.onnx.calls.tensors import (
    BOOL,
    FLOAT,
    LONG,
    Dims,
    OnnxTensor,
    Unwritable,
    concatenated,
    filled,
    joined,
)
from bncalc.writers.onnx.maker import Maker, PlacedOp
from bncalc.writers.onnx.windows import WRITERS as WINDOWS
from bncalc.writers.pytorch.lines.line import TENSORS, Line


class Held:
    """The tensors and the module of a line; `source` works out an expression.

    `like` is an op of ours that does what the module does, to each map of a batch.

    What is stored and not learned is 1 here, and an index 0: no file of ours knows the numbers.
    """

    def __init__(
        self, maker: Maker, line: Line, like: Op | None, source: Callable[[str], Any]
    ) -> None:
        self._maker, self._line, self._like, self._source = maker, line, like, source
        self._made: dict[str, OnnxTensor] = {}
        self._named: dict[str, Any] = {name: value for name, value in line.arguments if name}
        self._given: tuple[Any, ...] = tuple([each for name, each in line.arguments if not name])

    @property
    def is_tensor(self) -> bool:
        return self._line.module in TENSORS

    def tensor(self) -> OnnxTensor:
        """Return the one tensor that stands for a module."""
        given = self._given[0]
        if isinstance(given, Expression):
            return self._once("constant", lambda: self._source(str(given)))
        sizes = () if given == () else self._given
        return self._once("weight", lambda: self._stored("weight", sizes, self._line.module))

    def state(self, name: str) -> OnnxTensor:
        """Return one of several tensors by its name."""
        given = self._named[name]
        if isinstance(given, Expression):
            return self._once(name, lambda: self._source(str(given)))
        kinds = {"masks": "mask", "indices": "index", "fixed": "buffer"}
        kind = next(
            (k for key, k in kinds.items() if name in self._named[key].split()), "parameter"
        )
        return self._once(name, lambda: self._stored(name, given, kind))

    def _once(self, name: str, make: Callable[[], OnnxTensor]) -> OnnxTensor:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _stored(self, name: str, dims: Any, kind: str) -> OnnxTensor:
        if kind == "parameter":
            return self.learned(name, *dims)
        value, type = _FIXED[kind]
        return filled(self._maker, value, tuple(dims), type)

    def learned(self, name: str, *dims: int, usual: float = 0.0) -> OnnxTensor:
        return OnnxTensor(self._maker.weight(name, *dims, usual=usual), dims)

    def called(self, x: OnnxTensor) -> OnnxTensor:
        """Return what the module makes of a tensor."""
        word = self._line.module
        if word in _MODULES:
            return _MODULES[word](self, x)
        if self._like is None or self._like.word not in BATCHED:
            raise Unwritable(f"bncalc cannot write {word} on such a map as ONNX")
        shape = Shape(*x.dims[1:])
        layer = PlacedOp(self._like, [x.name], (shape,), self._like.output(shape))
        made = WINDOWS[self._like.word](self._maker, layer)
        return OnnxTensor(made, (x.dims[0], *layer.output))

    def _bias(self, size: int) -> OnnxTensor | None:
        return self.learned("bias", size) if self._named.get("bias", True) else None

    def linear(self, x: OnnxTensor) -> OnnxTensor:
        arriving, out = self._given[:2]
        weight = self.learned("weight", out, arriving)
        return linear(self._maker, x, weight, self._bias(out))

    def partly_biased(self, x: OnnxTensor) -> OnnxTensor:
        """Write a linear layer with biases that are learned, and others that are not."""
        arriving, out, count = self._given
        fixed = filled(self._maker, 0, (out - count,))
        biases = concatenated(self._maker, [self.learned("biases", count), fixed], 0)
        return linear(self._maker, x, self.learned("weight", out, arriving), biases)

    def embedding(self, x: OnnxTensor) -> OnnxTensor:
        return gathered(self._maker, self.learned("weight", *self._given), 0, x)

    def normed(self, x: OnnxTensor) -> OnnxTensor:
        (given,) = self._given
        dims: Dims = given if isinstance(given, tuple) else (given,)
        weight = bias = None
        if self._named.get("elementwise_affine", True):
            weight = self.learned("weight", *dims, usual=1.0)
            bias = self.learned("bias", *dims) if self._named.get("bias", True) else None
        return layer_norm(self._maker, x, dims, weight, bias, self._named.get("eps", 1e-5))

    def indexed_bias(self, x: OnnxTensor) -> OnnxTensor:
        channels, rows, positions = self._given
        table = self.learned("table", channels, rows)
        index = self._once("index", lambda: filled(self._maker, 0, positions, LONG))
        chosen = indexed(self._maker, table, (slice(None), index))
        return joined(self._maker, "Add", x, chosen)


BATCHED = {"avg_pool", "conv", "conv_transpose", "max_pool", "standardised_conv"}
"""Words of ops that are written in the same way for a batch of any size."""
_FIXED = {"buffer": (1, FLOAT), "index": (0, LONG), "mask": (1, BOOL)}
_MODULES: dict[str, Callable[[Held, OnnxTensor], OnnxTensor]] = {
    "IndexedBias": Held.indexed_bias,
    "PartlyBiased": Held.partly_biased,
    "nn.Embedding": Held.embedding,
    "nn.LayerNorm": Held.normed,
    "nn.Linear": Held.linear,
    "nn.SELU": lambda held, x: ARITHMETIC["selu"](held._maker, x),
    "nn.Softsign": lambda held, x: ARITHMETIC["softsign"](held._maker, x),
}
