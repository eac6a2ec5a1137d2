"""Told: what tools count of a call by what it is given, where a rule for its op cannot know."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from types import FrameType
from typing import Any

import torch

from bncalc.model.graph import Told
from bncalc.readers.torch.calling import is_unlike
from bncalc.readers.torch.equations import Equation
from bncalc.readers.torch.lookup import is_named
from bncalc.readers.torch.rows import FunctionRow
from bncalc.readers.torch.trace import TracedCall


def told(row: FunctionRow, call: TracedCall, number: int) -> Iterator[Told]:
    """Return what tools count of a call; calls are numbered from 1."""
    how = call.called.removesuffix("_heir")
    if call.word == "interpolate" and isinstance(call.given(3, "mode", "nearest"), str):
        yield from _resized(row, call, how, number)
    elif how.startswith(("attention_apart", "attention_longer")) and "of_others" not in how:
        yield from _in_attention(call, number)
    elif call.word == "lstm" and how == "module" and row.arguments[0].dim() == 3:
        yield from _projected(row, number)


def of_equation(row: FunctionRow, frame: FrameType, numbers: list[int]) -> Iterator[Told]:
    """Return what tools count of an equation that is so many calls, with the last of them.

    fvcore and calflops read what NumPy prints of it; calflops fails at operands in a list.
    """
    text, *operands = row.arguments
    if not isinstance(text, str):
        return
    is_list = not isinstance(operands[0], torch.Tensor)
    equation = Equation(
        text, [tuple(each.shape) for each in (operands[0] if is_list else operands)]
    )
    counts = {
        "fvcore": equation.by_letters if equation.is_listed else equation.printed // 2,
        "torchprofile": 0 if "..." in text else equation.by_letters,
        "calflops": None if is_list else equation.printed,
    }
    while frame.f_back is not None and frame.f_globals.get("__name__") in _BETWEEN:
        frame = frame.f_back
    if not is_named(frame, "einsum"):
        counts["calflops"] = 0
    counts["calflops-macs"] = counts["calflops"] and 0
    for tool, count in counts.items():
        yield from [Told(tool, number, 0) for number in numbers[:-1]]
        yield Told(tool, numbers[-1], count)


_BETWEEN = ("torch.functional", "torch.overrides")
"""Modules whose code stands between a caller and an equation."""


def of_attention(module: Any, given: Any) -> Iterator[Told]:
    """Return what ptflops counts of attention to keys of other widths, or to more of them.

    It takes each map's own width for that of its projection, and a bias of the last for given.
    """
    is_given = len(given) == 3 and all(isinstance(each, torch.Tensor) for each in given)
    if not is_given or not is_unlike(module) or given[0].dim() != 3:
        return
    at = 1 if module.batch_first else 0
    (queries, width), (keys, key_width), (values, value_width) = [
        (each.shape[at], each.shape[2]) for each in given
    ]
    heads = module.num_heads
    count = queries * (width + width**2) + keys * key_width**2 + values * value_width**2
    if module.in_proj_bias is not None:
        count += (queries + keys + values) * width
    count += heads * queries * keys * (width // heads + 1 + value_width // heads)
    yield Told("ptflops", 0, 0, count + queries * value_width * (value_width + 1))


def _in_attention(call: TracedCall, number: int) -> Iterator[Told]:
    """Return what ptflops counts of functions within such attention, where it looks at them."""
    count = call.macs if call.word in ("baddbmm", "bmm", "matmul") else 0
    if call.word in ("baddbmm", "softmax"):
        count += prod(call.values[0].dims)
    yield Told("ptflops", number, count)


def _resized(row: FunctionRow, call: TracedCall, how: str, number: int) -> Iterator[Told]:
    """Return what ptflops and calflops count of a resizing; both see the pool that one by area is.

    `upsample` calls the function once more. A module's output is counted too, of the first image.
    """
    times = {"module": 1, "function": 1, "unlisted": 1, "repeated": 2}.get(how)
    x, size, scale = [
        row.named.get(name, row.arguments[at] if at < len(row.arguments) else None)
        for at, name in enumerate(("input", "size", "scale_factor"))
    ]
    if times is None or x is None or x.dim() < 3:
        return
    pooled = x.numel() if call.given(3, "mode", "nearest") == "area" else 0
    hooked = prod(call.outputs[0].dims[1:]) if call.called == "module" else 0
    by_ptflops = _by_factor(x, size, scale)
    yield Told("ptflops", number, by_ptflops and by_ptflops * times + pooled, hooked)
    by_calflops = _by_size(x, size, scale) if "input" not in row.named else None
    yield Told(
        "calflops", number, by_calflops and by_calflops * times, in_any_batch=size is not None
    )
    yield Told("calflops", number, pooled)
    yield Told("calflops-macs", number, None if by_calflops is None else 0)


def _by_factor(x: Any, size: Any, scale: Any) -> float | None:
    """Return what ptflops counts: elements times the factor, even where sizes are rounded down."""
    axes = x.dim() - 2
    if isinstance(size, (list, tuple)):
        return int(prod(size) * prod(x.shape[:2]))
    if size is not None:
        return int(size**axes * prod(x.shape[:2]))
    if isinstance(scale, (list, tuple)):
        return int(x.numel()) * int(prod(scale)) if isinstance(scale, tuple) else None
    return float(x.numel() * scale**axes)


def _by_size(x: Any, size: Any, scale: Any) -> int | None:
    """Return what calflops counts: the size alone, or the elements that arrive.

    It fails at a factor for each axis, unless there are as many as images.
    """
    if size is not None:
        return int(prod(size)) if isinstance(size, (list, tuple)) else int(size)
    fits = not isinstance(scale, list) and (not isinstance(scale, tuple) or len(scale) == len(x))
    return int(x.numel()) if fits else None


def _projected(row: FunctionRow, number: int) -> Iterator[Told]:
    """Return what tools count of an LSTM that projects what goes to the next step."""
    x, _, weights, biased, layers, _, _, both, *_ = row.arguments
    width, out = weights[0].shape[0] // 4, weights[1].shape[1]
    if out == width:
        return
    sides, bias = 1 + bool(both), 8 * width * bool(biased)
    times = int(sides * prod(x.shape[:-1]))

    def counted(further: int, state: int = out, gates: int = width, factor: int = 4) -> int:
        """Return a sum over layers: the products of each gate, and so many operations more."""
        arriving = [x.shape[-1], *[sides * state] * (layers - 1)]
        return times * sum([int(factor * gates * (n + state) + further) for n in arriving])

    yield Told("fvcore", number, 0)
    yield Told("ptflops", number, 0, counted(10 * width + bias))
    if x.is_contiguous():
        yield Told("ptflops-aten", number, counted(width * out + bias))
    yield Told("thop", number, counted(8 * width + bias, state=width))
    yield Told("ultralytics-thop", number, counted((8 + out) * width + bias))
    yield Told("torchprofile", number, counted(0, gates=out))
    yield Told("calflops", number, counted(2 * width + bias, factor=8))
    yield Told("calflops-macs", number, 0)
