"""Attention as a CPU runs it: by one kernel that never holds its scores, where there is one.

On the meta device PyTorch takes it apart into products, which hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

_ON_CPU = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
LIKE = {_ON_CPU: torch.ops.aten._scaled_dot_product_flash_attention}
"""The function whose operations PyTorch counts, by one that has the same and is not counted."""


def is_fused(query: Any, key: Any, value: Any, mask: Any = None, *, grouped: bool = False) -> bool:
    """Return whether PyTorch has one kernel on a CPU for attention on such maps, and no products.

    It wants heads of one depth on one axis, as many of keys as of queries, or fewer if they are
    `grouped`, their numbers in a row, and a mask for two axes or four that has no gradient.
    """
    alike = key.shape[:-2] == value.shape[:-2] and (grouped or key.shape[:-2] == query.shape[:-2])
    deep = query.shape[-1] == key.shape[-1] == value.shape[-1]
    in_a_row = all(each.stride(-1) == 1 for each in (query, key, value))
    fits = mask is None or (mask.dim() in (2, 4) and not mask.requires_grad)
    return query.dim() == 4 and alike and deep and in_a_row and fits


def how_called(given: tuple[Any, ...], named: Mapping[str, Any], *, learned_mask: bool) -> str:
    """Return how attention runs on a CPU: by its kernel, also with fewer keys; or taken apart.

    Of what is taken apart, torchprofile wants as many heads of keys and values as of queries. A
    mask that has been learned has a gradient, unless a tool turns gradients off.
    """
    every = {**dict(zip(_ARGUMENTS, given, strict=False)), **named}
    query, key, value = (every[name] for name in _ARGUMENTS[:3])
    grouped = bool(every.get("enable_gqa")) and query.shape[-3:-2] != key.shape[-3:-2]
    fused = is_fused(query, key, value, every.get("attn_mask"), grouped=grouped)
    if learned_mask or every.get("dropout_p") or not fused:
        heads = {each.shape[:-2] for each in (query, key, value)}
        return "products" if len(heads) == 1 else "broadcast"
    return "grouped" if grouped else "function"


_ARGUMENTS = ("query", "key", "value", "attn_mask", "dropout_p")


def attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """Run attention by the kernel that a CPU has for it, if it has one."""
    grouped = enable_gqa and key.shape[-3] == 1  # of more the kernel that stands for it is not told
    if not is_fused(query, key, value, attn_mask, grouped=grouped) or dropout_p:
        return scaled_dot_product_attention(
            query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa
        )
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = attn_mask.to(query.dtype)
    return _ON_CPU(query, key, value, dropout_p, is_causal, attn_mask=attn_mask, scale=scale)[0]
