"""Calling: how a model calls a function, as far as tools that look at modules can tell."""

from __future__ import annotations

import dis
from collections.abc import Mapping, Sequence, Set
from math import prod
from types import FrameType
from typing import Any

import torch
from torch.nn import (
    Hardtanh,
    LPPool1d,
    LPPool2d,
    LPPool3d,
    Module,
    ModuleDict,
    Softmax2d,
    UpsamplingBilinear2d,
    UpsamplingNearest2d,
    functional,
)

from bncalc.readers.axes import Dims
from bncalc.readers.torch.heirs import is_alone, is_heir
from bncalc.readers.torch.lookup import caller_of, is_named, is_of_functional, is_through
from bncalc.readers.torch.module_stack import Given
from bncalc.readers.torch.trace import TracedCall, Weight

Running = tuple[str, Any]
"""A module that is running, after its path."""


def called(
    running: Sequence[Running],
    function: Any,
    frame: FrameType,
    weights: Sequence[Weight],
    rows: int,
) -> str:
    """Return how a function is called, in the language's words.

    `frame` is what called it; `weights` are those that it reads and that were learned, `rows` the
    first size of what it makes, which is 1 where the batch is that of one image.
    """
    module = running[-1][1] if running else None
    if function.__name__ not in TABLES:
        how = _called(running, function, frame, weights, rows)
    elif is_layer(module) and _is_by(module, frame, function.__name__):
        how = "module" if rows == 1 else "folded"
    else:
        how = "function"
    inherits = how in _OF_HEIRS and is_heir(module, function.__name__)
    return f"{how}_heir" if inherits else how


_OF_HEIRS = ("derived", "flat", "function", "kept", "method", "own")


def _called(
    running: Sequence[Running],
    function: Any,
    frame: FrameType,
    weights: Sequence[Weight],
    rows: int,
) -> str:
    path, module = running[-1] if running else ("", None)
    word = function.__name__
    weighted = bool(weights) and _takes_weights(word)
    if _is_known_whole(module):
        return _in_attention(module, word, weights if weighted else ())
    if type(module) in _ELSEWHERE:
        return _ELSEWHERE[type(module)]
    if is_layer(module) and _is_by(module, frame, word) and not isinstance(module, _OF_FUNCTIONS):
        folded = rows != 1 and not word.startswith("conv")
        is_told = weighted or (bool(weights) and word == "prelu")
        return _in_layer(running, weights, folded=folded) if is_told else "module"
    if not weighted:
        return _by_itself(module, function, frame, multiplies_weights=bool(weights))
    if isinstance(getattr(module, "parametrizations", None), ModuleDict):
        return "parametrised"
    is_found = is_of_functional(frame, word)
    return _by_weights(path, module, word, weights, folded=rows != 1) if is_found else "kept"


_ELSEWHERE = {
    Hardtanh: "method",
    Softmax2d: "function",
    UpsamplingBilinear2d: "unlisted",
    UpsamplingNearest2d: "unlisted",
}
"""Layers of PyTorch that tools do not list: what they see is their function, if that."""


def told_apart(call: TracedCall, how: str, words: Set[str], given: Given) -> str:
    """Return how a call was made where tools tell by more than by who made it.

    `words` are those of its rows: the bias of a strided linear layer is added apart. `given` is how
    its module was called: without a batch, tools take another axis for it.
    """
    unusual = _unusually_given(call, how, given)
    if unusual:
        return unusual
    of_several = bool(call.outputs[0].dims) and call.outputs[0].dims[0] != 1
    has_bias = call.word == "linear" and call.given(2, "bias") is not None
    if has_bias and "addmm" not in words:
        return _strided(how)
    if call.word.startswith("conv") and isinstance(call.given(4, "padding"), str):
        return _PADDED.get(how, how)
    if call.word == "interpolate":
        return _resizing(call, how, of_several=of_several)
    if call.word == "einsum":
        return "opaque"
    return "strided" if call.word in _STEPPED and "mm" in words else how


def _unusually_given(call: TracedCall, how: str, given: Given) -> str:
    """Return how a layer is called on a map without a batch, or by name; empty if as usual."""
    if call.word == "linear":
        if how == "attention" and (given.axes, given.by_place) != _OF_ATTENTION:
            return "attention_unbatched"
        if how == "function_heir" and is_alone(given):
            return "function_alone"
    if how == "module" and given.axes is None:
        return "named"
    return "unbatched" if how == "module" and _is_unbatched(call, given.axes) else ""


def _is_unbatched(call: TracedCall, axes: int | None) -> bool:
    """Return whether a layer is called on one map without a batch of one."""
    made = len(call.outputs[0].dims)
    if call.word[-2:] in ("1d", "2d", "3d"):
        return made == int(call.word[-2]) + 1
    if call.word == "instance_norm":
        return axes == made - 1
    return axes == (2 if call.word in (*_STEPPED, "lstm") else 1 if "_cell" in call.word else 0)


def is_turned(word: str, given: Sequence[Any]) -> bool:
    """Return whether a recurrent layer is given steps whose elements do not lie in a row.

    A CPU multiplies those of all steps at once, and the meta device step by step.
    """
    if word not in _STEPPED or given[0].dim() != 3:
        return False
    batch_first = given[8]
    return not (given[0].transpose(0, 1) if batch_first else given[0]).is_contiguous()


def _strided(how: str) -> str:
    """Return how a linear layer is called on a map whose elements lie in another order."""
    if how == "module":
        return "strided"
    return f"{how.removesuffix('_heir')}_strided{'_heir' * how.endswith('_heir')}"


def _resizing(call: TracedCall, how: str, *, of_several: bool) -> str:
    """Return how a map is resized: by one size for all axes, and by parts, calflops errs."""
    if of_several:
        return "folded" if how == "module" else "folded_function"
    size, scale = call.given(1, "size"), call.given(2, "scale_factor")
    if isinstance(size, int) or isinstance(scale, (list, tuple)):
        return _SIZED.get(how, how)
    by_parts = size is None and scale is not None and scale % 1
    return _SCALED.get(how, how) if by_parts else how


_SCALED = {
    "function": "scaled_function",
    "module": "scaled",
    "repeated": "repeated_scaled",
}
_SIZED = {
    "function": "sized_function",
    "module": "sized",
    "repeated": "repeated_sized",
}
_OF_ATTENTION = (3, 3)
"""Axes, and maps by place, that ptflops looks for in what attention is given: else it fails."""
_STEPPED = ("gru", "rnn_relu", "rnn_tanh")
"""Recurrent layers that a CPU runs step by step, by products; an LSTM is one kernel."""
_PADDED = {"function": "padded_function", "kept": "padded_kept", "module": "padded"}


def is_layer(module: Any) -> bool:
    """Return whether a module is one of PyTorch's own, without parts."""
    return _is_of_torch(module) and _is_leaf(module)


def _is_by(layer: Any, frame: FrameType, word: str) -> bool:
    """Return whether a layer of PyTorch calls a function itself.

    A hook of somebody's runs in it as well, and what that calls: modules that the model has not.
    """
    caller = caller_of(frame, word)
    is_of_torch = str(caller.f_globals.get("__name__", "")).startswith("torch.")
    owner = caller.f_locals.get("self")
    return is_of_torch and (owner is layer or not isinstance(owner, Module))


def is_own_leaf(module: Any) -> bool:
    """Return whether a module is one without parts of the model's own."""
    return _is_leaf(module) and not is_layer(module)


def stored(module: Any, dims: Dims, learned: Mapping[str, int]) -> int:
    """Return what torchinfo counts of what a module without parts has learned, by its names.

    `dims` are the sizes of what it makes, `learned` how many numbers there are under each name.
    """
    first = prod(dims[:1])
    each = first * prod(dims[2:]) if "Conv" in type(module).__name__ else first
    count = 0
    for name, size in learned.items():
        if name in ("weight", "bias"):
            count += size * each
        elif "weight" in name or "bias" in name:
            count += size * prod(dims[:2])
    return count


def _in_layer(running: Sequence[Running], weights: Sequence[Weight], *, folded: bool) -> str:
    """Return how a layer of PyTorch calls what has its weights."""
    if len(running) > 1 and _is_known_whole(running[-2][1]):
        return "covered_folded" if folded else "covered"
    module = running[-1][1]
    if hasattr(module, "weight_mask") or hasattr(module, "bias_mask"):
        return "pruned"
    if type(module).__name__ in _UNLISTED:
        return "unlisted"
    in_pieces = any(weight.is_computed for weight in weights)
    return "folded" if folded else "split" if in_pieces else "module"


def _in_attention(module: Any, word: str, weights: Sequence[Weight]) -> str:
    """Return how attention calls a function: ptflops takes its bias and its keys for the usual."""
    longer = getattr(module, "bias_k", None) is not None or getattr(module, "add_zero_attn", False)
    if not weights:
        how = "attention_longer" if longer and word in _OF_KEYS else "attention"
        return how if _is_of_torch(module) else f"{how}_of_others"
    if not getattr(module, "_qkv_same_embed_dim", True):
        return "attention_apart"
    names = {name.rpartition(".")[2] for weight in weights for name in weight.sources}
    unbiased = getattr(getattr(module, "out_proj", None), "bias", None) is None
    return "attention_unbiased" if unbiased and names == {"weight"} else "attention"


def _by_itself(module: Any, function: Any, frame: FrameType, *, multiplies_weights: bool) -> str:
    """Return how the model's own code calls a function that holds no weights of a layer."""
    word = function.__name__
    if word in ("__rdiv__", "__rtruediv__"):
        return "reversed"  # its reciprocal, multiplied
    if word == "interpolate" and is_through(frame, word, "upsample"):
        return "repeated"
    is_product = word in _REPLACED and is_named(frame, word) and not _is_operator(frame)
    replaced = is_product or function is torch.baddbmm or word == "__rmatmul__"
    if multiplies_weights and word in _PRODUCTS:
        how = "mm" if word == "mm" else "matmul"
        return how if replaced else "method"
    is_function = getattr(functional, word, None) is function and not word.endswith("_")
    if is_function and not replaced:
        return "function" if is_of_functional(frame, word) else "kept"
    return "function" if replaced else "method"


_PRODUCTS = ("matmul", "__rmatmul__", "mm", "bmm")
_OF_KEYS = (*_PRODUCTS, "baddbmm", "softmax", "scaled_dot_product_attention")
"""What attention does for each key."""
_REPLACED = (*_PRODUCTS, "add", "addmm", "mul")
"""What ptflops or calflops replace, as functions and as methods; operators go past it."""
_STORED = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
"""The names by which torchinfo finds what a layer has learned, and the statistics of norms."""


def _is_leaf(module: Any) -> bool:
    return module is not None and next(module.children(), None) is None


def _is_of_torch(module: Any) -> bool:
    return type(module).__module__.startswith("torch.nn.modules")


def _is_known_whole(module: Any) -> bool:
    """Return whether ptflops counts a module as a whole, and nothing within it."""
    return f"{type(module).__module__}.{type(module).__name__}" in _KNOWN_WHOLE


OPENED = {
    **dict.fromkeys(
        ("gumbel_softmax", "lp_pool1d", "lp_pool2d", "lp_pool3d"), "has_torch_function_unary"
    ),
    "multi_head_attention_forward": "has_torch_function",
}
"""Functions of Python that call others, which tools see; and what each asks first."""
_OF_FUNCTIONS = (LPPool1d, LPPool2d, LPPool3d)
"""Layers that tools do not list, and that call several functions."""
TABLES = ("bilinear", "embedding", "embedding_bag")
"""What tools see in a layer of PyTorch alone."""
_UNLISTED = ("NonDynamicallyQuantizableLinear", "SyncBatchNorm")
"""Layers of PyTorch that ptflops does not list."""
_KNOWN_WHOLE = (
    "timm.layers.attention.Attention",
    "timm.models.vision_transformer.Attention",
    "torch.nn.modules.activation.MultiheadAttention",
)


def _takes_weights(word: str) -> bool:
    return word.startswith("conv") or word == "linear" or word.endswith("_norm")


def _by_weights(
    path: str, module: Any, word: str, weights: Sequence[Weight], *, folded: bool
) -> str:
    """Return how a function is called that reads weights itself, and not a layer of PyTorch.

    torchinfo finds them by their names in modules without parts, and takes a class to convolve
    whose name says so. Other names, and a batch of several, it multiplies in another way.
    """
    places = [name.rpartition(".") for weight in weights for name in weight.sources]
    names = {name for _, _, name in places}
    if not _is_leaf(module) or any(owner != path for owner, _, _ in places):
        return "function"
    if names.difference(_STORED) or folded:
        return "derived"
    is_convolution = word.startswith("conv")
    return "flat" if is_convolution and "Conv" not in type(module).__name__ else "own"


def _is_operator(frame: FrameType) -> bool:
    """Return whether the code that runs in a frame is at an operator, such as `a + b`."""
    name = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    return name.startswith(("BINARY_", "INPLACE_"))
