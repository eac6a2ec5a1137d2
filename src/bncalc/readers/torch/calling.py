"""Calling: how a model calls a function, as far as tools that look at modules can tell."""

from __future__ import annotations

import dis
from collections.abc import Sequence, Set
from types import FrameType
from typing import Any

from torch.nn import ModuleDict, functional

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
    path, module = running[-1] if running else ("", None)
    word = function.__name__
    weighted = bool(weights) and _takes_weights(word)
    if _is_known_whole(module):
        return _in_attention(module, word, weights if weighted else ())
    if type(module).__name__ == "Softmax2d":
        return "function"  # no tool has it in its list of modules
    if is_layer(module) and _is_of_pytorch(frame):
        folded = rows != 1 and not word.startswith("conv")
        return _in_layer(running, weights, folded=folded) if weighted else "module"
    if weighted and isinstance(getattr(module, "parametrizations", None), ModuleDict):
        return "parametrised"
    if weighted:
        return _by_weights(path, module, word, weights)
    return _by_itself(module, function, frame, multiplies_weights=bool(weights))


def told_apart(call: TracedCall, how: str, words: Set[str]) -> str:
    """Return how a call was made where tools tell by more than by who made it.

    `words` are those of its rows: the bias of a strided linear layer is added apart.
    """
    of_several = bool(call.outputs[0].dims) and call.outputs[0].dims[0] != 1
    has_bias = call.word == "linear" and call.given(2, "bias") is not None
    if has_bias and "addmm" not in words:
        return _STRIDED.get(how, how)
    if call.word.startswith("conv") and isinstance(call.given(4, "padding"), str):
        return _PADDED.get(how, how)
    if call.word == "interpolate" and of_several:
        return "folded" if how == "module" else "folded_function"
    if call.word == "einsum":
        return "opaque"
    return "strided" if call.word == "gru" and "mm" in words else how


_STRIDED = {
    "attention": "attention_strided",
    "attention_apart": "attention_apart_strided",
    "covered": "covered_strided",
    "covered_folded": "covered_strided",
    "module": "strided",
}
_PADDED = {"function": "padded_function", "module": "padded"}


def is_layer(module: Any) -> bool:
    """Return whether a module is one of PyTorch's own, without parts."""
    return type(module).__module__.startswith("torch.nn.modules") and _is_leaf(module)


def _is_of_pytorch(frame: FrameType) -> bool:
    """Return whether code is PyTorch's own; a hook of somebody's runs in a layer as well."""
    return str(frame.f_globals.get("__name__", "")).startswith("torch.")


def is_own_leaf(module: Any) -> bool:
    """Return whether a module is one without parts of the model's own, which is no convolution."""
    return _is_leaf(module) and not is_layer(module) and "Conv" not in type(module).__name__


def _in_layer(running: Sequence[Running], weights: Sequence[Weight], *, folded: bool) -> str:
    """Return how a layer of PyTorch calls what has its weights."""
    if len(running) > 1 and _is_known_whole(running[-2][1]):
        return "covered_folded" if folded else "covered"
    module = running[-1][1]
    if hasattr(module, "weight_mask"):
        return "pruned"
    if type(module).__name__ == "SyncBatchNorm":
        return "unlisted"
    in_pieces = any(weight.is_computed for weight in weights)
    return "folded" if folded else "split" if in_pieces else "module"


def _in_attention(module: Any, word: str, weights: Sequence[Weight]) -> str:
    """Return how attention calls a function: ptflops takes its bias and its keys for the usual."""
    longer = getattr(module, "bias_k", None) is not None or getattr(module, "add_zero_attn", False)
    if not weights:
        return "attention_longer" if longer and word in _OF_KEYS else "attention"
    if not getattr(module, "_qkv_same_embed_dim", True):
        return "attention_apart"
    names = {name.rpartition(".")[2] for weight in weights for name in weight.sources}
    unbiased = getattr(getattr(module, "out_proj", None), "bias", None) is None
    return "attention_unbiased" if unbiased and names == {"weight"} else "attention"


def _by_itself(module: Any, function: Any, frame: FrameType, *, multiplies_weights: bool) -> str:
    """Return how the model's own code calls a function that holds no weights of a layer."""
    word = function.__name__
    if type(module).__module__ == "torch.nn.modules.transformer":
        return "method"  # it holds its activation from before any tool replaces it
    replaced = word in _REPLACED and not _is_operator(frame)
    if multiplies_weights and word in _PRODUCTS:
        how = "mm" if word == "mm" else "matmul"
        return how if replaced else "method"
    is_function = getattr(functional, word, None) is function and not word.endswith("_")
    return "function" if is_function or replaced else "method"


_PRODUCTS = ("matmul", "mm", "bmm")
_OF_KEYS = (*_PRODUCTS, "baddbmm", "softmax", "scaled_dot_product_attention")
"""What attention does for each key."""
_REPLACED = (*_PRODUCTS, "add", "addmm", "mul")
"""What ptflops or calflops replace, as functions and as methods; operators go past it."""
_STORED = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
"""The names by which torchinfo finds what a layer has learned, and the statistics of norms."""


def _is_leaf(module: Any) -> bool:
    return module is not None and next(module.children(), None) is None


def _is_known_whole(module: Any) -> bool:
    """Return whether ptflops counts a module as a whole, and nothing within it."""
    return f"{type(module).__module__}.{type(module).__name__}" in _KNOWN_WHOLE


_KNOWN_WHOLE = (
    "timm.layers.attention.Attention",
    "timm.models.vision_transformer.Attention",
    "torch.nn.modules.activation.MultiheadAttention",
)


def _takes_weights(word: str) -> bool:
    return word.startswith("conv") or word == "linear" or word.endswith("_norm")


def _by_weights(path: str, module: Any, word: str, weights: Sequence[Weight]) -> str:
    """Return how a function is called that reads weights itself, and not a layer of PyTorch.

    torchinfo finds them by their names in modules without parts, and takes a class to convolve
    whose name says so. Other names that hold one of those it multiplies in another way.
    """
    places = [name.rpartition(".") for weight in weights for name in weight.sources]
    names = {name for _, _, name in places}
    others = names.difference(_STORED)
    if not _is_leaf(module) or any(owner != path for owner, _, _ in places):
        return "function"
    if any("weight" in name or "bias" in name for name in others):
        return "derived"
    if others == names:
        return "function"
    if word.startswith("conv") and "Conv" in type(module).__name__:
        return "own"
    if others:
        return "derived"
    return "flat" if word.startswith("conv") else "own"


def _is_operator(frame: FrameType) -> bool:
    """Return whether the code that runs in a frame is at an operator, such as `a + b`."""
    name = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    return name.startswith(("BINARY_", "INPLACE_"))
