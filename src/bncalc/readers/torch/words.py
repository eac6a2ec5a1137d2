"""Words: what a function is called, whether Python, TorchScript or the dispatcher calls it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch._ops import OpOverload

from bncalc.readers.torch.trace import LIKE_ANOTHER


def word_of(function: Any) -> str:
    """Return the name of a function; of one that reads an attribute the attribute's."""
    if isinstance(function, OpOverload):
        return str(function.overloadpacket.__name__)
    owner = function.__self__ if function.__name__ == "__get__" else function
    return str(owner.__name__)


def plain(word: str) -> str:
    """Return the name of a function however it was called: `add` for `__iadd__` and `add_`."""
    bare = word.strip("_")
    if word.startswith("__"):
        for letter in "ir":
            if bare[:1] == letter and bare[1:] in _OPERATORS:
                bare = bare[1:]
        return _OPERATORS.get(bare, bare)
    return _FUNCTIONS.get(bare, bare)


def is_in_place(word: str) -> bool:
    return word.endswith("_") and not word.endswith("__")


def makes_anew(word: str) -> bool:
    """Return whether a function looks at no numbers of what it is given, only at its sizes.

    Or it is told sizes, which may be numbers of a tensor.
    """
    return word.startswith("new_") or word.endswith("_like") or word in _MADE_ANEW


def tensors_read(word: str) -> slice:
    """Return of which tensors that it is given a function reads numbers; others are a likeness."""
    return slice(int(makes_anew(word)), 1 if word in LIKE_ANOTHER else None)


_MADE_ANEW = ("empty", "eye", "new", "ones", "rand", "randn", "resize_as_", "zeros")
MOVES = (
    *("alias", "broadcast_to", "cat", "chunk", "clone", "contiguous", "data", "detach", "expand"),
    *("expand_as", "flatten", "flip", "float", "getitem", "movedim", "mT", "narrow", "permute"),
    *("repeat", "repeat_interleave", "reshape", "reshape_as", "roll", "select", "setitem", "split"),
    *("squeeze", "stack", "swapaxes", "t", "T", "tile", "to", "transpose", "type_as", "unbind"),
    *("unflatten", "unsqueeze", "view", "view_as", "zero"),
)
"""What makes no number anew, by its plain name."""
RawArguments = tuple[tuple[Any, ...], Mapping[str, Any]]
"""What a function is given, by place and by name."""


def by_name(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> RawArguments:
    """Return the arguments of a function of ATen by the names that functions of Python have."""
    if function is not None and word_of(function) in _REFLECTED:
        return args[::-1], kwargs
    if function is torch.Tensor.where:  # which takes what it chooses from before what it asks
        condition, other = (*args[1:], *[kwargs[name] for name in _CHOICE if name in kwargs])
        return (condition, args[0], other), {}
    if len(args) > 1 and isinstance(args[1], list) and word_of(function) in _INDEXED:
        args = (args[0], (args[1],), *args[2:])  # `x[[0, 1]]` is no `x[0, 1]`
    names = _BY_PLACE.get(function)
    if isinstance(function, OpOverload):
        names = tuple([each.name for each in function._schema.arguments])
    if names is None:  # in any order: `sub(other=a, input=b)` is b less a
        ordered = dict.fromkeys([name for name in _FIRST if name in kwargs])
        return args, {**ordered, **kwargs}
    word = word_of(function).strip("_")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    given = {_NAMES.get(name, name): value for name, value in given.items()}
    if word in _MODES:
        given["mode"] = _MODES[word]
    if _FUNCTIONS.get(word) == "pad" and "padding" in given:
        given["pad"] = given.pop("padding")
    return (), given


_OPERATORS = {
    **{name: name for name in ("add", "div", "floordiv", "matmul", "mul", "pow", "sub")},
    "truediv": "div",
    "and": "bitwise_and",
    "invert": "bitwise_not",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
}
_REFLECTED = ("__rdiv__", "__rmatmul__", "__rpow__", "__rsub__", "__rtruediv__", "rsub")
"""Functions that take what is on the right of an operator first."""
_CHOICE = ("condition", "other")
_INDEXED = ("__getitem__", "__setitem__")
_MODES = {
    **{f"reflection_pad{n}d": "reflect" for n in (1, 2, 3)},
    **{f"replication_pad{n}d": "replicate" for n in (1, 2, 3)},
    **{f"upsample_nearest{n}d": "nearest" for n in (1, 2, 3)},
    **{f"upsample_nearest_exact{n}d": "nearest-exact" for n in (1, 2, 3)},
    "upsample_linear1d": "linear",
    "upsample_bilinear2d": "bilinear",
    "upsample_bicubic2d": "bicubic",
    "upsample_trilinear3d": "trilinear",
}
_FUNCTIONS = {
    **{word.replace("a", "arc", 1): word for word in ("acos", "asin", "atan", "atan2")},
    **{word.replace("a", "arc", 1): word for word in ("acosh", "asinh", "atanh")},
    **{word: "interpolate" if "upsample" in word else "pad" for word in _MODES},
    **{f"max_pool{n}d_with_indices": f"max_pool{n}d" for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d_with_indices": f"adaptive_max_pool{n}d" for n in (1, 2, 3)},
    "absolute": "abs",
    "clip": "clamp",
    "constant_pad_nd": "pad",
    "divide": "div",
    "fix": "trunc",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "lift_fresh": "alias",
    "multiply": "mul",
    "native_batch_norm": "batch_norm",
    "native_batch_norm_legit_no_training": "batch_norm",
    "native_dropout": "dropout",
    "native_group_norm": "group_norm",
    "native_layer_norm": "layer_norm",
    "negative": "neg",
    "not_equal": "ne",
    "prelu_kernel": "prelu",
    "special_expit": "sigmoid",
    "subtract": "sub",
    "to_copy": "to",
    "true_divide": "div",
}
"""Further names of functions: the dispatcher's, and those that PyTorch has twice."""
_FIRST = ("condition", "input", "self", "other")
"""What functions call their first arguments."""
_NAMES = {"group": "num_groups", "output_size": "size", "self": "input"}
_NORM = (
    *("input", "weight", "bias", "running_mean", "running_var", "training"),
    *("momentum", "eps"),
)
_BY_PLACE = {torch.batch_norm: _NORM, torch.instance_norm: _NORM}
"""Functions that take what those of `torch.nn.functional` take, in another order."""
