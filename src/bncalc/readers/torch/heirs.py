"""Heirs: layers derived from those of PyTorch, which some tools take for their parents."""

from __future__ import annotations

import re
from typing import Any

from torch.nn import Softmax2d

from bncalc.readers.torch.module_stack import Given

_AXES = re.compile("[123]d$")


def is_heir(module: Any, word: str) -> bool:
    """Return whether a module is derived from a layer of PyTorch that calls such a function."""
    is_own = not type(module).__module__.startswith("torch.nn.modules")
    if not is_own and not isinstance(module, Softmax2d):
        return False
    if word == "interpolate" and getattr(module, "mode", "nearest") == "nearest":
        return False  # whatever it calls, they look at what it was made with, and count nothing
    names = {each.__name__ for each in type(module).__mro__}
    return not names.isdisjoint(_HEIRS_OF.get(_AXES.sub("", word), ()))


def is_alone(given: Given) -> bool:
    """Return whether attention derived from PyTorch's is given one thing, and has no keys.

    Tools that take it for its parent fail there.
    """
    names = {each.__name__ for each in type(given.module).__mro__}
    return _ATTENTION in names and given.by_place + given.by_name < 2


_ATTENTION = "MultiheadAttention"
_HEIRS_OF = {
    "adaptive_avg_pool": ("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"),
    "avg_pool": ("AvgPool1d", "AvgPool2d", "AvgPool3d"),
    "batch_norm": ("_BatchNorm",),
    "bilinear": ("Bilinear",),
    "conv": ("Conv1d", "Conv2d", "Conv3d"),
    "conv_transpose": ("_ConvTransposeNd",),
    "group_norm": ("GroupNorm",),
    "instance_norm": ("_InstanceNorm",),
    "interpolate": ("Upsample",),
    "layer_norm": ("LayerNorm",),
    "linear": ("Linear", _ATTENTION),
    **dict.fromkeys(("baddbmm", "bmm", "scaled_dot_product_attention"), (_ATTENTION,)),
    **dict.fromkeys(("gru", "lstm", "rnn_relu", "rnn_tanh"), ("RNNBase",)),
    **{f"{word}_cell": ("RNNCellBase",) for word in ("gru", "lstm", "rnn_relu", "rnn_tanh")},
    "log_softmax": ("LogSoftmax",),
    "prelu": ("PReLU",),
    "rms_norm": ("RMSNorm",),
    "softmax": ("Softmax", "Softmax2d", _ATTENTION),
}
"""Classes of layers by the function, without its axes, that they call."""
