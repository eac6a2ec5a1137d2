"""Stored numbers: what torchinfo counts of modules without parts, by what they have learned."""

from __future__ import annotations

from math import prod
from typing import Any

from bncalc.readers.torch.tensors import tensors_in


def stored_numbers(module: Any, made: Any) -> int:
    """Return what torchinfo counts of a module that ends, by the names of what it has learned.

    It looks at what is `made` first, or last of what has names, and takes a class to convolve
    whose name says so.
    """
    if any(module.children()):  # as it asks, to whom a list without parts is none
        return 0
    outputs = tensors_in(list(made.values())[-1] if isinstance(made, dict) else made)
    if not outputs:
        return 0
    dims = tuple(outputs[0].shape)
    first = prod(dims[:1])
    each = first * prod(dims[2:]) if "Conv" in type(module).__name__ else first
    count = 0
    for name, tensor in module.named_parameters():
        whole = name.removesuffix("_orig")
        is_masked = hasattr(module, f"{whole}_mask")
        if name in ("weight", "bias") or is_masked:
            count += tensor.numel() * each
        elif "weight" in name or "bias" in name:
            count += tensor.numel() * prod(dims[:2])
    return count
