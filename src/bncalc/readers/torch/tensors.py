"""Tensors: those in what functions are given and make, and what a run has shown of each."""

from __future__ import annotations

import weakref
from collections.abc import MutableMapping
from itertools import count
from typing import Any, Literal

import torch
from torch.utils.weak import WeakTensorKeyDictionary

from bncalc.readers.axes import Dims
from bncalc.readers.torch.lifetimes import storage_of
from bncalc.readers.torch.trace import Making, TracedCall, TracedTensor, Weight


def tensors_in(given: Any) -> list[Any]:
    """Return the tensors in an argument or a result, in order."""
    if isinstance(given, torch.Tensor):
        return [given]
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, (list, tuple)):
        return [tensor for each in given for tensor in tensors_in(each)]
    return []


def _dtype(tensor: Any) -> Literal["", "bool", "long"]:
    """Return the type of a tensor that holds whole numbers or a mask, empty for any other."""
    if tensor.dtype == torch.bool:
        return "bool"
    return "" if tensor.dtype.is_floating_point or tensor.dtype.is_complex else "long"


class KnownTensors:
    """What is known of tensors while they live: a place in the run, or the weights they are of."""

    def __init__(self) -> None:
        self._known: MutableMapping[Any, TracedTensor | Weight] = WeakTensorKeyDictionary()
        self._numbers = count()
        self._of_storage: dict[int, list[weakref.ref[Any]]] = {}

    def trace(self, tensor: Any) -> TracedTensor:
        """Note a tensor that depends on the input, with the next number."""
        traced = self.next(tuple(tensor.shape))
        self.note(tensor, traced)
        return traced

    def next(self, dims: Dims) -> TracedTensor:
        """Return the next number for a tensor of some sizes."""
        return TracedTensor(next(self._numbers), dims)

    def weigh(
        self,
        tensor: Any,
        sources: frozenset[str],
        *,
        is_computed: bool = False,
        made: Making | None = None,
    ) -> Weight:
        """Note a tensor that depends on no input, and which weights it is made of."""
        known = Weight(sources, tuple(tensor.shape), is_computed, made, _dtype(tensor))
        self.note(tensor, known)
        return known

    def note(self, tensor: Any, known: TracedTensor | Weight) -> None:
        """Note what a tensor is, be it the same as another."""
        if tensor not in self._known:
            beside = self._of_storage.setdefault(storage_of(tensor), [])
            beside[:] = [each for each in beside if each() is not None]
            beside.append(weakref.ref(tensor))
        self._known[tensor] = known

    def sharing(self, tensor: Any) -> list[Any]:
        """Return the other known tensors of the same memory."""
        beside = [each() for each in self._of_storage.get(storage_of(tensor), [])]
        storage = storage_of(tensor)
        return [
            each
            for each in beside
            if each is not None and each is not tensor and storage_of(each) == storage
        ]

    def write_over(self, part: Any, call: TracedCall) -> None:
        """Note that a call has written over a part of other tensors that depend on no input."""
        for tensor in self.sharing(part):
            known = self._known[tensor]
            if isinstance(known, Weight):
                made = Making(_replacing(known, call), 0)
                self.weigh(tensor, known.sources, is_computed=True, made=made)

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


def _replacing(whole: Weight, call: TracedCall) -> TracedCall:
    """Return what a call in place does to a tensor of which it was given a part.

    Only zeros in a part that was cut out of it are followed.
    """
    part = call.weights[0]
    cut = part.made.call if part.made else None
    if call.word != "zero" or cut is None or cut.word != "getitem" or cut.arguments[0] != whole:
        return call._replace(word=f"{call.word}_")
    return call._replace(word="setitem", arguments=(whole, cut.arguments[1], 0.0), named={})
