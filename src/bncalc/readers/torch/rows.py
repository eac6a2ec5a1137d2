"""Rows of the dispatcher: the functions of ATen that a call comes to, each with its MACs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils.flop_counter import flop_registry

from bncalc.named import NamedTuple
from bncalc.readers.torch.attention import LIKE
from bncalc.readers.torch.lifetimes import Lifetimes
from bncalc.readers.torch.meta import MetaMode
from bncalc.readers.torch.tensors import tensors_in


class FunctionRow(NamedTuple):
    """A function as it was called, and what it made."""

    function: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    made: Any

    @property
    def word(self) -> str:
        return str(self.function.overloadpacket.__name__)


class CallRows:
    """The rows of one call: their words and their MACs, and themselves if they are asked for.

    What holds a row holds its tensors, and keeps their memory.
    """

    def __init__(self, *, holds: bool = False) -> None:
        self.words: set[str] = set()
        self.held: list[FunctionRow] = []
        self._holds = holds
        self._operations = 0

    @property
    def macs(self) -> int:
        """The MACs of all rows, half of what PyTorch's own counter says of them."""
        return self._operations // 2

    def see(self, row: FunctionRow) -> None:
        """Note a row."""
        self.words.add(row.word)
        self._operations += _operations(row)
        if self._holds:
            self.held.append(row)


class DispatcherRows(MetaMode):
    """Shows each row that runs within it to the call that it is of, else to a listener.

    `lifetimes` follow the memory of all that rows make.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lifetimes = Lifetimes()
        self._imported = len(sys.modules)
        self.listener: Callable[[FunctionRow], None] = lambda _: None

    def run(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Return what a function makes, and show it as a row."""
        self._forget_imports()
        made = super().run(func, args, kwargs)
        self.lifetimes.next_row(tensors_in(made))
        if func is torch.ops.aten.native_batch_norm.default:
            self.lifetimes.share_statistics(made[1:], args[1:5])
        self.listener(FunctionRow(func, args, kwargs, made))
        return made

    def _forget_imports(self) -> None:
        """Let go of frames, and of the tensors in them, that modules keep that a call imported.

        Those of PyTorch do (`torch.fx.wrap`), in a circle, and the collector is off.
        """
        if len(sys.modules) != self._imported:
            self._imported = len(sys.modules)
            gc.collect()

    @contextmanager
    def of_call(self, *, holds: bool) -> Iterator[CallRows]:
        """Gather the rows that run within this as those of one call."""
        before, rows = self.listener, CallRows(holds=holds)
        self.listener = rows.see
        try:
            yield rows
        finally:
            self.listener = before


def _operations(row: FunctionRow) -> int:
    """Return what PyTorch's own counter says of a row, two for each MAC."""
    packet = row.function.overloadpacket
    count = flop_registry.get(LIKE.get(packet, packet))
    return int(count(*row.arguments, **row.named, out_val=row.made)) if count is not None else 0
