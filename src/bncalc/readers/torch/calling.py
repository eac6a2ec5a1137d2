"""Calling: how a model calls a function, as far as tools that look at modules can tell."""

from __future__ import annotations

import dis
from collections.abc import Sequence
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

from bncalc.named import NamedTuple
from bncalc.readers.torch.heirs import is_heir
from bncalc.readers.torch.lookup import caller_of, is_named, is_of_functional, is_through
from bncalc.readers.torch.trace import Weight

Running = tuple[str, Any]
"""A module that is running, after its path."""


class CallSite(NamedTuple):
    """Where a function is called: the modules that are running, and the frame of the code.

    `weights` are those that it reads and that were learned, `rows` the first size of what it makes,
    which is 1 where the batch is that of one image.
    """

    running: Sequence[Running]
    function: Any
    frame: FrameType
    weights: Sequence[Weight]
    rows: int

    @property
    def word(self) -> str:
        return str(self.function.__name__)

    @property
    def module(self) -> Any:
        """The innermost module."""
        return self.running[-1][1] if self.running else None

    @property
    def multiplies_weight(self) -> bool:
        """Whether it is a product with the module's own `weight`, as a linear layer has."""
        names = {name for weight in self.weights for name in weight.sources}
        return self.word in _PRODUCTS and names == {f"{self.running[-1][0]}.weight".lstrip(".")}

    @property
    def is_of_layer(self) -> bool:
        """Whether a layer of PyTorch itself makes the call.

        A hook of somebody's runs in it as well, and what that calls: modules that the model has
        not.
        """
        if not is_layer(self.module):
            return False
        caller = caller_of(self.frame, self.word)
        is_of_torch = str(caller.f_globals.get("__name__", "")).startswith("torch.")
        owner = caller.f_locals.get("self")
        return is_of_torch and (owner is self.module or not isinstance(owner, Module))


def called(site: CallSite) -> str:
    """Return how a function is called, in the language's words."""
    in_table = "module" if site.is_of_layer else "function"
    how = in_table if site.word in TABLES else _called(site)
    word = "linear" if site.multiplies_weight else site.word
    inherits = how in _OF_HEIRS and is_heir(site.module, word)
    return f"{how}_heir" if inherits else how


_OF_HEIRS = ("function", "kept", "method", "own")


def _called(site: CallSite) -> str:
    word, module = site.word, site.module
    weighted = bool(site.weights) and _takes_weights(word)
    if _is_known_whole(module):
        return _in_attention(module, word, site.weights if weighted else ())
    if type(module) in _ELSEWHERE:
        return _ELSEWHERE[type(module)]
    if site.is_of_layer and not isinstance(module, _OF_FUNCTIONS):
        is_told = weighted or (bool(site.weights) and word == "prelu")
        return _in_layer(site) if is_told else "module"
    if not weighted:
        return _by_itself(site)
    if isinstance(getattr(module, "parametrizations", None), ModuleDict):
        return "parametrised"
    return _by_weights(site) if is_of_functional(site.frame, word) else "kept"


_ELSEWHERE = {
    Hardtanh: "method",
    Softmax2d: "function",
    UpsamplingBilinear2d: "unlisted",
    UpsamplingNearest2d: "unlisted",
}
"""Layers of PyTorch that tools do not list: what they see is their function, if that."""


def is_layer(module: Any) -> bool:
    """Return whether a module is one of PyTorch's own, without parts."""
    return _is_of_torch(module) and _is_leaf(module)


def _in_layer(site: CallSite) -> str:
    """Return how a layer of PyTorch calls what has its weights."""
    module = site.module
    if len(site.running) > 1 and _is_known_whole(site.running[-2][1]):
        return "covered"
    return "unlisted" if type(module).__name__ in _UNLISTED else "module"


def _in_attention(module: Any, word: str, weights: Sequence[Weight]) -> str:
    """Return how attention calls a function: ptflops takes its bias and its keys for the usual."""
    if not weights:
        how = "attention_longer" if is_unlike(module) and word in _OF_KEYS else "attention"
        return how if _is_of_torch(module) else f"{how}_of_others"
    if is_unlike(module):
        return "attention_apart"
    names = {name.rpartition(".")[2] for weight in weights for name in weight.sources}
    unbiased = getattr(getattr(module, "out_proj", None), "bias", None) is None
    return "attention_unbiased" if unbiased and names == {"weight"} else "attention"


def is_unlike(module: Any) -> bool:
    """Return whether attention of PyTorch's adds keys, or has other widths for them."""
    longer = getattr(module, "bias_k", None) is not None or getattr(module, "add_zero_attn", False)
    return longer or not getattr(module, "_qkv_same_embed_dim", True)


def _by_itself(site: CallSite) -> str:
    """Return how the model's own code calls a function that holds no weights of a layer."""
    word, function, frame = site.word, site.function, site.frame
    if word in ("__rdiv__", "__rtruediv__"):
        return "reversed"  # its reciprocal, multiplied
    if word == "interpolate" and is_through(frame, word, "upsample"):
        return "repeated"
    is_product = word in _REPLACED and is_named(frame, word) and not _is_operator(frame)
    replaced = is_product or function is torch.baddbmm or word == "__rmatmul__"
    if site.weights and word in _PRODUCTS:
        how = "mm" if word == "mm" else "matmul"
        return how if replaced else "method"
    is_function = getattr(functional, word, None) is function and not word.endswith("_")
    if is_function and not replaced:
        return "function" if is_of_functional(frame, word) else "kept"
    return "function" if replaced else "method"


_PRODUCTS = ("matmul", "__rmatmul__", "mm", "bmm")
_OF_KEYS = (*_PRODUCTS, "baddbmm", "mul", "softmax", "scaled_dot_product_attention")
"""What attention does for each key."""
_REPLACED = (*_PRODUCTS, "add", "addmm", "mul")
"""What ptflops or calflops replace, as functions and as methods; operators go past it."""
_STORED = {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
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


def _by_weights(site: CallSite) -> str:
    """Return how a function is called that reads weights itself, and not a layer of PyTorch.

    torchinfo finds them by their names in modules without parts, of one image once.
    """
    path, module = site.running[-1] if site.running else ("", None)
    places = [name.rpartition(".") for weight in site.weights for name in weight.sources]
    is_own = _is_leaf(module) and all(owner == path for owner, _, _ in places)
    return "own" if is_own and site.rows == 1 and {n for *_, n in places} <= _STORED else "function"


def _is_operator(frame: FrameType) -> bool:
    """Return whether the code that runs in a frame is at an operator, such as `a + b`."""
    name = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    return name.startswith(("BINARY_", "INPLACE_"))
