"""Stored numbers: what torchinfo counts of modules without parts, by what they have learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

from bncalc.readers.axes import Dims
from bncalc.readers.torch.trace import Weight


class StoredNumbers:
    """Counts what modules without parts hold besides what calls of functions in them show."""

    def __init__(self, params: Mapping[str, int]) -> None:
        self._params = params
        self._shown = 0

    def show(self, module: Any, weights: Iterable[Weight], dims: Dims) -> None:
        """Note a call in a module; `dims` are the sizes of what it makes."""
        names = {name for weight in weights for name in weight.sources} & self._params.keys()
        learned = {name.rpartition(".")[2]: self._params[name] for name in names}
        self._shown += _stored(module, dims, learned)

    def left(self, module: Any, dims: Dims) -> int:
        """Return what is counted of a module that ends beside what its calls have shown."""
        learned = {name: tensor.numel() for name, tensor in module.named_parameters()}
        shown, self._shown = self._shown, 0
        return _stored(module, dims, learned) - shown


def _stored(module: Any, dims: Dims, learned: Mapping[str, int]) -> int:
    """Return what torchinfo counts of learned numbers, by their names in a module.

    `dims` are the sizes of what it makes, `learned` how many numbers there are under each name.
    """
    first = prod(dims[:1])
    each = first * prod(dims[2:]) if "Conv" in type(module).__name__ else first
    count = 0
    for name, size in learned.items():
        if name in ("weight", "bias"):
            count += size * each
        elif "weight" in name or "bias" in name:
            count += size * prod(dims[:2])
    return count
