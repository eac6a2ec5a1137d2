"""Keeping: what PyTorch keeps for the backward pass while a model trains, as its autograd is asked.

A map that several calls need, in whatever view, is kept once.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any

import torch
from torch.autograd.graph import saved_tensors_hooks

from bncalc.readers.torch.lifetimes import Lifetime, memory_of, storage_of
from bncalc.readers.torch.rows import FunctionRow
from bncalc.readers.torch.tensors import tensors_in
from bncalc.readers.torch.trace import TracedCall
from bncalc.readers.torch.words import plain, word_of


class KeptMaps:
    """Follows what autograd saves beside `own` memory, each from the call that asks first."""

    def __init__(self, own: Iterable[Any]) -> None:
        self._seen = {each._cdata: each for each in own}  # held, so that no address is used twice
        self._saved: dict[int, Lifetime] = {}  # since the last call
        self.all: list[Lifetime] = []

    @contextmanager
    def following(self) -> Iterator[None]:
        """Follow what is saved within this, where gradients are worked out."""
        with torch.enable_grad(), saved_tensors_hooks(self._save, lambda _: None):
            yield

    def _save(self, tensor: Any) -> None:
        with torch._C.DisableTorchFunction():
            key = storage_of(tensor)
            if key not in self._seen:
                self._seen[key] = tensor.untyped_storage()
                self._saved[key] = memory_of(tensor, 0)

    def see(self, row: FunctionRow, call: int) -> None:
        """Note by which call was saved what has been since the one before."""
        word = plain(word_of(row.function))
        maps = {storage_of(each) for each in tensors_in((row.arguments, row.named, row.made))}
        beside = self._saved.keys() - maps
        in_float32 = word in _NORMS or (word == _ATTENTION and len(beside) == 1)
        for key, memory in self._saved.items():
            width = 4 if in_float32 and key in beside and not memory.width else memory.width
            self.all.append(memory._replace(first=call, width=width))
        self._saved.clear()


def counterparts(calls: Sequence[TracedCall], others: Sequence[TracedCall]) -> Iterator[int]:
    """Return for each of some calls in training the same one in evaluation, by its number.

    Of what is called in training alone it is that of the call before.
    """
    places: dict[tuple[object, str], deque[int]] = defaultdict(deque)
    for number, call in enumerate(others):
        places[call.path, call.word].append(number)
    last = 0
    for call in calls:
        same = places[call.path, call.word] or places[call.path, "drop_path"]
        last = same.popleft() if same else last
        yield last


def withdrawn(model: Any, error: Exception | None, before: Set[type]) -> set[type]:
    """Take out of training the innermost modules whose own code has failed, all of their class.

    If no error says which, take out all that are not PyTorch's or derived from those. Return
    their classes, without those of `before`, which may have put themselves in training again.
    """
    own = [each for each in model.modules() if each.training and not _is_of_torch(type(each))]
    trained = {type(each) for each in own} - before
    frames = walk_tb(error.__traceback__) if error else ()
    running = [type(frame.f_locals.get("self")) for frame, _ in frames]
    failed = [each for each in running if each in trained][-1:]
    others = [each for each in trained if not any(map(_is_of_torch, each.__mro__))]
    out = {*(failed or others)}
    for module in own:
        module.training = type(module) not in out | before
    return out


def _is_of_torch(kind: type) -> bool:
    return kind.__module__.startswith("torch.nn.") and kind is not torch.nn.Module


_NORMS = ("batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm")
"""What makes statistics beside its maps, in float32 whatever the type of the maps."""
_ATTENTION = "scaled_dot_product_attention"
"""What makes nothing else if it has a kernel, and several maps if it has none."""
