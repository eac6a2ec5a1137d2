"""On a CPU: functions that the meta device takes apart, or runs with copies that no CPU makes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch._prims_common import suggest_memory_format
from torch.nn import functional

from bncalc.readers.torch.attention import attention


def as_on_cpu(function: Any) -> Callable[..., Any]:
    """Return a function, or what does the same as a CPU does it."""
    in_its_place: Callable[..., Any] = _ON_CPU.get(function, function)
    return in_its_place


def _group_norm(
    input: Any,
    num_groups: int,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
    *_: Any,
    **__: Any,
) -> Any:
    """Norm groups of channels in the order that they lie in, of which elsewhere a copy is made."""
    x = input.contiguous(memory_format=suggest_memory_format(input))
    images, channels, *space = x.shape
    sizes = images, channels, prod(space), num_groups
    return torch.native_group_norm(x, weight, bias, *sizes, eps)[0]


_ON_CPU: dict[Any, Callable[..., Any]] = {
    functional.group_norm: _group_norm,
    functional.scaled_dot_product_attention: attention,
    torch.group_norm: _group_norm,
}
