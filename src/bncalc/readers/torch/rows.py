"""Rows of the dispatcher: the functions of ATen that a call comes to, each with its MACs."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from bncalc.named import NamedTuple


class FunctionRow(NamedTuple):
    """A function as it was called, and what it made."""

    function: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    made: Any

    @property
    def word(self) -> str:
        return str(self.function.overloadpacket.__name__)


class Rows(TorchDispatchMode):
    """Collects the rows of all that runs within it."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[FunctionRow] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C.DisableTorchFunction():  # of what TorchScript calls, this is the first seen
            made = func(*args, **(kwargs or {}))
        self._rows.append(FunctionRow(func, args, kwargs or {}, made))
        return made

    def take(self) -> list[FunctionRow]:
        """Return the rows since the last call of this, and forget them."""
        rows, self._rows = self._rows, []
        return rows


def macs_of(rows: list[FunctionRow]) -> int:
    """Return the MACs of rows, half of what PyTorch's own counter says of them."""
    operations = 0
    for row in rows:
        count = flop_registry.get(row.function.overloadpacket)
        if count is not None:
            operations += int(count(*row.arguments, **row.named, out_val=row.made))
    return operations // 2
