"""Tensors: those in what functions are given and make, and what a run has shown of each."""

from __future__ import annotations

from collections.abc import MutableMapping
from itertools import count
from typing import Any

import torch
from torch.utils.weak import WeakTensorKeyDictionary

from bncalc.readers.torch.trace import Making, TracedTensor, Weight


def tensors_in(given: Any) -> list[Any]:
    """Return the tensors in an argument or a result, in order."""
    if isinstance(given, torch.Tensor):
        return [given]
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, (list, tuple)):
        return [tensor for each in given for tensor in tensors_in(each)]
    return []


class KnownTensors:
    """What is known of tensors while they live: a place in the run, or the weights they are of."""

    def __init__(self) -> None:
        self._known: MutableMapping[Any, TracedTensor | Weight] = WeakTensorKeyDictionary()
        self._numbers = count()

    def trace(self, tensor: Any) -> TracedTensor:
        """Note a tensor that depends on the input, with the next number."""
        traced = self._known[tensor] = TracedTensor(next(self._numbers), tuple(tensor.shape))
        return traced

    def weigh(
        self,
        tensor: Any,
        sources: frozenset[str],
        *,
        is_computed: bool = False,
        made: Making | None = None,
    ) -> Weight:
        """Note a tensor that depends on no input, and which weights it is made of."""
        weight = self._known[tensor] = Weight(sources, tuple(tensor.shape), is_computed, made)
        return weight

    def is_traced(self, tensor: Any) -> bool:
        """Return whether a tensor is known to depend on the input."""
        return isinstance(self._known.get(tensor), TracedTensor)

    def number(self, tensor: Any) -> int | None:
        """Return the number of a tensor that depends on the input."""
        known = self._known.get(tensor) if isinstance(tensor, torch.Tensor) else None
        return known.number if isinstance(known, TracedTensor) else None

    def traced_in(self, made: Any) -> tuple[TracedTensor, ...]:
        """Return the tensors in something that depend on the input, each once."""
        known = [self._known.get(each) for each in tensors_in(made)]
        return tuple(dict.fromkeys([each for each in known if isinstance(each, TracedTensor)]))

    def described(self, given: Any) -> Any:
        """Return an argument with what is known in place of each tensor."""
        if isinstance(given, torch.Tensor):
            known = self._known.get(given)
            return self.weigh(given, frozenset()) if known is None else known
        if isinstance(given, (list, tuple)):
            return tuple([self.described(each) for each in given])
        return given
