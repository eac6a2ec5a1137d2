"""The meta device, for all of a model: whatever its code names, tensors have sizes and no numbers.

Only what the code writes down itself, `torch.tensor(0.5)`, has numbers too, and is on a CPU; it
joins the others where it meets them. Sizes that depend on numbers that there are not, as after
`nonzero`, are the most that they can be.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch._ops import HigherOrderOperator
from torch._prims_common import suggest_memory_format
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from bncalc.readers.torch.chance import Draws, same_draws
from bncalc.readers.torch.substitutes import substituted
from bncalc.readers.torch.tensors import tensors_in


class MetaMode(TorchDispatchMode):
    """Runs functions of ATen on the meta device, those too whose sizes depend on content.

    `at_most` is told the name of each of these.
    """

    supports_higher_order_operators = True

    def __init__(self) -> None:
        super().__init__()
        self.at_most: Callable[[str], None] = lambda _: None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C.DisableTorchFunction():  # of what TorchScript calls, this is the first seen
            if func is torch.ops.aten._convolution.default:  # PyTorch 2.6 has none of these here
                func, args = torch.ops.aten.convolution.default, args[:9]
            if torch.is_inference_mode_enabled() and _is_composite(func):
                with self:
                    return func.decompose(*args, **(kwargs or {}))
            return self.run(func, args, kwargs or {})

    def run(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Return what a function makes; all that it reads is on the meta device if any of it is."""
        if isinstance(func, HigherOrderOperator):
            raise NotImplementedError(f"{func.name()} chooses by numbers what it calls")
        word = func.overloadpacket.__name__
        given = tensors_in((args, kwargs))
        is_meta = [each.device.type == "meta" for each in given]
        if not any(is_meta):
            return func(*args, **kwargs)
        if word in ("index", "index_put", "index_put_"):
            masks = [each for each in args[1] if each is not None and each.dtype == torch.bool]
            args = (args[0], [each for index in args[1] for each in _indices(index)], *args[2:])
            if word == "index" and any(each.device.type == "meta" for each in masks):
                self.at_most("a choice by a mask")
        if not all(is_meta):
            args, kwargs = tree_map_only(torch.Tensor, _without_numbers, (args, kwargs))
        if word == "native_batch_norm" and args[5]:  # one number for each channel has no variance
            args = (*args[:3], None, None, *args[5:])
        if word in _AT_MOST:
            self.at_most(word)
            return _AT_MOST[word](*args, **kwargs)
        if word == "_nested_tensor_from_mask_left_aligned":
            return False  # what it hides is worked out too, in maps that stay rectangular
        made = func(*args, **kwargs)
        if word == "native_batch_norm" and not args[5] and torch.is_grad_enabled():
            # In evaluation a CPU has no statistics to keep. The eager peak holds them all the same.
            made = (made[0], *[each.new_empty(0) for each in made[1:]])
        return _ordered(made, args[: _IN_ORDER[word]]) if word in _IN_ORDER else made


class OneDevice(TorchFunctionMode):
    """Takes every device that a model's code names for the meta device."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _MOVES:
            return args[0] if func is torch.Tensor.cpu else args[0].to("meta")
        if _is_elsewhere(kwargs.get("device")):
            kwargs = {**kwargs, "device": "meta"}
        elif "device" not in kwargs and not tensors_in(args) and _has_numbers(func):
            kwargs = {**kwargs, "device": "cpu"}
        elif func is torch.rand and args in _ONE and not kwargs:
            return torch.ones(*args, device="cpu")
        is_to = func is torch.Tensor.to
        if is_to and (args[0].device.type == "meta" or any(map(_is_elsewhere, args[1:]))):
            args = tuple(["meta" if _is_device(each) else each for each in args])
        return func(*args, **kwargs)


@contextmanager
def on_meta() -> Iterator[Draws]:
    """Run code so that tensors are made on the meta device, whatever device it names."""
    with torch.device("meta"), on_one_device() as draws, substituted():
        yield draws


@contextmanager
def on_one_device() -> Iterator[Draws]:
    """Run code with any device that it names taken for the meta device, but the CPU.

    It draws the same random numbers each time, and what PyTorch warns of comes of the device.
    """
    with warnings.catch_warnings(), same_draws() as draws, OneDevice():
        warnings.filterwarnings("ignore", module=r"(bncalc|torch)(\.|$)")
        yield draws


def _has_numbers(function: Any) -> bool:
    """Return whether what calls a mode makes a tensor of numbers, or to try out operators on it.

    PyTorch 2.6 does so while it imports its compiler.
    """
    if function is not torch.ones:
        return function in _NUMBERS
    return bool(sys._getframe(2).f_globals.get("__name__") == _COMPILER)


def _is_composite(function: Any) -> bool:
    """Return whether a function is made of others: inference mode is shown it as a whole."""
    return not isinstance(function, HigherOrderOperator) and function._can_decompose()


def _ordered(made: Any, given: Sequence[Any]) -> Any:
    """Return what a function makes with its elements in a CPU's order.

    In 2-D that is channels last if what it is given is; elsewhere it depends on the kernel.
    """
    is_last = torch.channels_last in map(suggest_memory_format, given)
    return torch.empty_like(made, memory_format=torch.channels_last) if is_last else made


def _without_numbers(tensor: Any) -> Any:
    return tensor.to("meta")


def _indices(index: Any) -> list[Any]:
    """Return an index as whole numbers: for a mask as many as it has elements, for each axis."""
    if index is None or index.dtype != torch.bool:
        return [index]
    if index.device.type == "cpu":
        return list(index.nonzero(as_tuple=True))
    return [index.new_empty(index.numel(), dtype=torch.int64)] * index.dim()


def _is_device(given: object) -> bool:
    if isinstance(given, str):
        return given.partition(":")[0] in _DEVICES
    return isinstance(given, torch.device)


def _is_elsewhere(device: object) -> bool:
    """Return whether a device is another one than a CPU, where numbers of the code's own are."""
    return _is_device(device) and not str(device).startswith("cpu")


def _nonzero(x: Any) -> Any:
    return x.new_empty((x.numel(), x.dim()), dtype=torch.int64)


def _masked_select(x: Any, mask: Any) -> Any:
    return x.new_empty(torch.broadcast_shapes(x.shape, mask.shape).numel())


def _unique(x: Any, *_: Any, **__: Any) -> Any:
    counts = x.new_empty(x.numel(), dtype=torch.int64)
    return x.new_empty(x.numel()), x.new_empty(x.shape, dtype=torch.int64), counts


def _nms(boxes: Any, *_: Any, **__: Any) -> Any:
    return boxes.new_empty(len(boxes), dtype=torch.int64)


def _packed(x: Any, _: Any, batch_first: bool) -> Any:
    """Return a batch of sequences as packed, each as long as the longest can be."""
    steps, batch = (x.shape[1], x.shape[0]) if batch_first else x.shape[:2]
    sizes = torch.full((steps,), batch, dtype=torch.int64, device="cpu")
    return x.new_empty((steps * batch, *x.shape[2:])), sizes


_AT_MOST: dict[str, Callable[..., Any]] = {
    "_pack_padded_sequence": _packed,
    "_unique2": _unique,
    "masked_select": _masked_select,
    "nms": _nms,
    "nonzero": _nonzero,
    "unique_consecutive": _unique,
}
"""What sizes are at most that depend on content, by the name of what makes them."""
_IN_ORDER = {
    "convolution": 2,
    **dict.fromkeys(("pixel_shuffle", "reflection_pad2d", "replication_pad2d"), 1),
}
"""What is put out in the order of any of so many tensors that are given, by its name."""
_NUMBERS = (torch.arange, torch.as_tensor, torch.linspace, torch.tensor)
"""What makes a tensor of numbers that stand in the code: such are worked out."""
_COMPILER = "torch._dynamo.variables.torch_function"
"""The module of PyTorch's compiler that tries out operators."""
_ONE: tuple[tuple[object, ...], ...] = ((1,), ([],), ((),))
"""Sizes of one number: drawn by chance it is the largest, so that no layer is left out."""
_DEVICES = ("cpu", "cuda", "hpu", "meta", "mps", "npu", "xpu")
_MOVES = (torch.Tensor.cpu, torch.Tensor.cuda, torch.Tensor.xpu)
