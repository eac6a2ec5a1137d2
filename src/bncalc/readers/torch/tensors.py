"""Tensors in what functions are given and make."""

from __future__ import annotations

from typing import Any

import torch


def tensors_in(given: Any) -> list[Any]:
    """Return the tensors in an argument or a result, in order."""
    if isinstance(given, torch.Tensor):
        return [given]
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, (list, tuple)):
        return [tensor for each in given for tensor in tensors_in(each)]
    return []
