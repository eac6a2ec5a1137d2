"""Keeping: what PyTorch keeps of each call for the backward pass, as its autograd is asked.

A call is made once more as training makes it, with gradients, and what it saves is noted by its
memory: a map that several calls need, in whatever view, is kept once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest import mock

import torch
from torch import _VF
from torch.autograd import Function
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional
from torch.utils._pytree import tree_map_only

from bncalc.readers.torch.attention import as_on_cpu
from bncalc.readers.torch.lifetimes import Lifetime, memory_of, storage_of
from bncalc.readers.torch.rows import DispatcherRows, FunctionRow
from bncalc.readers.torch.tensors import tensors_in
from bncalc.readers.torch.words import plain, word_of


class KeptMaps:
    """Follows what is kept of so many images, each memory from the first call that asks for it."""

    def __init__(
        self, rows: DispatcherRows, is_learned: Callable[[Any], bool], images: int
    ) -> None:
        self._rows, self._is_learned, self._images = rows, is_learned, images
        self._kept: dict[int, Lifetime] = {}
        self._anew: dict[int, int] = {}
        """What stands for memory that evaluation hands on and training makes anew."""
        self._others = 0
        self.unasked: list[int] = []
        """Calls that could not be made again as training makes them."""

    def all(self) -> tuple[Lifetime, ...]:
        """Return the memory that is kept of each image, from the call that first asks for it."""
        return tuple(
            [
                each if each.shared else each._replace(elements=each.elements // self._images)
                for each in self._kept.values()
            ]
        )

    def see(self, row: FunctionRow, call: int) -> None:
        """Note what a call keeps, and whether it makes what is there for all images."""
        given, made = tensors_in((row.arguments, row.named)), tensors_in(row.made)
        shared = all(map(self._rows.lifetimes.is_shared, given))
        for each in made if shared else ():
            self._rows.lifetimes.share(each)
        learned = {id(each) for each in given if self._is_learned(each)}
        if not (learned and self._images):
            return
        with self._rows.aside():
            try:
                saved, remade = _saved(row, learned)
            except Exception:  # whatever a function may raise that is made for other modes
                saved, remade = [], []
                self.unasked.append(call)
        places = {storage_of(each): self._place(each) for each in given}
        for again, each in zip(remade, made, strict=False):
            if storage_of(again) not in places:
                is_handed_on = storage_of(each) in places
                places[storage_of(again)] = self._renew(each) if is_handed_on else self._place(each)
        word = plain(word_of(row.function))
        beside = [each for each in saved if storage_of(each) not in places]
        in_float32 = word in _NORMS or (word == _ATTENTION and len(beside) == 1)
        for tensor in saved:
            key, memory = storage_of(tensor), memory_of(tensor, call)
            if key not in places:
                places[key] = self._next()
                width = 4 if in_float32 and not memory.width else memory.width
                memory = memory._replace(width=width, shared=shared or word == "batch_norm")
            elif shared or self._rows.lifetimes.is_shared(tensor):
                memory = memory._replace(shared=True)
            if (place := places[key]) is not None:
                self._kept.setdefault(place, memory)

    def drop(self, tensor: Any, call: int) -> None:
        """Note that a branch is dropped for an image as a whole, by a factor for each."""
        if not self._images:
            return
        self._renew(tensor)
        self._kept[self._next()] = Lifetime(self._images, call, None)

    def _place(self, tensor: Any) -> int | None:
        """Return the number of a tensor's memory; None if it is learned or stored."""
        index = self._rows.lifetimes.index(tensor)
        return index if index is None else self._anew.get(index, index)

    def _renew(self, tensor: Any) -> int:
        index = self._rows.lifetimes.index(tensor)
        new = self._next()
        if index is not None:
            self._anew[index] = new
        return new

    def _next(self) -> int:
        self._others -= 1
        return self._others


class _Inner(Function):
    """A tensor that has a gradient and is no leaf, so that it can be written over."""

    @staticmethod
    def forward(_: Any, tensor: Any) -> Any:
        return tensor.detach()


def _saved(row: FunctionRow, learned: set[int]) -> tuple[list[Any], list[Any]]:
    """Make a call as training does; return what is saved of it, and the tensors that it makes."""
    inner: dict[int, Any] = {}

    def tracked(tensor: Any) -> Any:
        if id(tensor) not in inner:
            plain = tensor.detach()
            is_learned = id(tensor) in learned
            inner[id(tensor)] = _Inner.apply(plain.requires_grad_()) if is_learned else plain
        return inner[id(tensor)]

    saved: list[Any] = []

    def keep(tensor: Any) -> None:
        saved.append(tensor.detach())  # else a function that saves what it makes is never gone

    with ExitStack() as stack:
        for check in ("_verify_batch_size", "_verify_spatial_size"):  # of one image, at batch 1
            stack.enter_context(mock.patch.object(functional, check, _agree))
        stack.enter_context(_with_autograd())
        stack.enter_context(torch.enable_grad())
        args, kwargs = tree_map_only(torch.Tensor, tracked, (row.arguments, row.named))
        if plain(word_of(row.function)) == "batch_norm":  # by no statistics of many images
            args = (args[0], *[None if _is_stored(each) else each for each in args[1:]])
        place, name = _TRAINS.get(row.function, (0, ""))
        if name and len(args) > place:
            args = (*args[:place], True, *args[place + 1 :])
        elif name:
            kwargs = {**kwargs, name: True}
        stack.enter_context(saved_tensors_hooks(keep, lambda _: None))
        stack.enter_context(torch._C._EnableTorchFunction())  # what tells a call its device
        made = as_on_cpu(row.function)(*args, **kwargs)
    return saved, tensors_in(made)


def _with_autograd() -> Any:
    """Return what lets gradients be followed where a mode of the dispatcher runs, below them."""
    include, exclude = _tls_include(), _tls_exclude()
    for key in ("AutogradFunctionality", "AutogradOther", "ADInplaceOrView"):
        exclude = exclude.remove(getattr(torch._C.DispatchKey, key))
    return torch._C._ForceDispatchKeyGuard(include, exclude)


_tls_include = torch._C._dispatch_tls_local_include_set
_tls_exclude = torch._C._dispatch_tls_local_exclude_set


def _agree(*_: object) -> None:
    """Stand for a check of PyTorch's; a mock, which is made anew each time, takes far longer."""


def _is_stored(given: Any) -> bool:
    return isinstance(given, torch.Tensor) and not given.requires_grad


_TRAINS = {
    **dict.fromkeys((functional.dropout, functional.alpha_dropout), (2, "training")),
    **dict.fromkeys((functional.feature_alpha_dropout, functional.dropout1d), (2, "training")),
    **dict.fromkeys((functional.dropout2d, functional.dropout3d), (2, "training")),
    **dict.fromkeys((torch.dropout, torch.feature_dropout, torch.alpha_dropout), (2, "train")),
    **dict.fromkeys((functional.rrelu, torch.rrelu), (3, "training")),
    **dict.fromkeys((functional.batch_norm, torch.batch_norm), (5, "training")),
    **dict.fromkeys((_VF.gru, _VF.lstm, _VF.rnn_relu, _VF.rnn_tanh), (6, "train")),
    functional.instance_norm: (5, "use_input_stats"),
}
"""Which argument, by its place and its name, says that a function is called in training."""
_NORMS = ("batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm")
"""What makes statistics beside its maps, in float32 whatever the type of the maps."""
_ATTENTION = "scaled_dot_product_attention"
"""What makes nothing else if it has a kernel, and several maps if it has none."""
