"""Substitutes for functions of other packages that look at numbers: here are none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.nn import functional


@contextmanager
def substituted() -> Iterator[None]:
    """Run code with each of these in its place, in modules that are there; and compile nothing."""
    with ExitStack() as stack:
        for (module, place), substitute in _SUBSTITUTES.items():
            owner: Any = sys.modules.get(module)
            *classes, name = place.split(".")
            for each in classes:
                owner = getattr(owner, each, None)
            if hasattr(owner, name):
                stack.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, substitute)
        if "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance"):
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield


def _boxes_of_all_classes(*arguments: Any) -> Any:
    """Suppress boxes of all classes at once, which comes to the same as class by class."""
    boxes: Any = sys.modules["torchvision.ops.boxes"]
    return boxes._batched_nms_coordinate_trick(*arguments)


def _whole_masks(masks: Any, _: Any, size: tuple[int, int], padding: int = 1) -> Any:
    """Paste each mask over all of the image, the largest that its box can be."""
    wider = functional.pad(masks, (padding,) * 4)
    return functional.interpolate(wider, size=size, mode="bilinear", align_corners=False)


def _unknown(*_: Any) -> bool:
    """Say of weights, whose numbers are not known, that they are not orthogonal yet."""
    return False


def _alike(weights: Any) -> Any:
    """Make weights orthogonal: they stay as many."""
    return weights.clone()


def _hinted(_: Any, is_causal: bool | None = None, __: int | None = None) -> bool:
    """Return whether a mask is said to be causal; whether it is one costs nothing else."""
    return is_causal is True


def _of_one_sequence(_: Any) -> None:
    """Say of positions that they are of one sequence, and not of several in its place."""


def _unpadded(_: Any, keys: int, window: int | None = None) -> bool:
    """Return whether attention needs no mask: nothing is padded, and all keys are in the window."""
    return window is None or keys < window


def _agree(_: Any) -> None:
    """Let a norm work with one number for each channel, which only training with more is told.

    TorchScript compiles this, so that it takes no more than what stands here.
    """


def _unwarned(*_: Any) -> None:
    """Say nothing of words that may be padding."""


def _all(_: Any) -> bool:
    """Say of a mask that it hides nothing."""
    return True


def _done(_: Any = None) -> None:
    """Wait for no device: nothing runs on one."""


_WARNING = "PreTrainedModel.warn_if_padding_and_no_attention_mask"
_SUBSTITUTES: dict[tuple[str, str], Callable[..., Any]] = {
    ("torch.cuda", "synchronize"): _done,
    ("torch.nn.functional", "_verify_batch_size"): _agree,
    ("torch.nn.functional", "_verify_spatial_size"): _agree,
    ("torch.nn.utils.parametrizations", "_is_orthogonal"): _unknown,
    ("torch.nn.utils.parametrizations", "_make_orthogonal"): _alike,
    ("torch.nn.modules.transformer", "_detect_is_causal_mask"): _hinted,
    ("torchvision.models.detection.transform", "paste_masks_in_image"): _whole_masks,
    ("transformers.masking_utils", "_ignore_bidirectional_mask_sdpa"): _unpadded,
    ("transformers.masking_utils", "fast_all"): _all,
    ("transformers.modeling_utils", _WARNING): _unwarned,
    ("transformers.masking_utils", "find_packed_sequence_indices"): _of_one_sequence,
    ("torchvision.ops.boxes", "_batched_nms_vanilla"): _boxes_of_all_classes,
}
"""What stands for a function, by its module and its name, with that of its class before it."""
