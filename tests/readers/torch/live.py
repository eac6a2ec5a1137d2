"""What PyTorch holds while a module runs, row by row, and what it keeps for the backward pass."""

import weakref
from typing import Any

import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from bncalc.readers.torch.attention import as_on_cpu


class Live(TorchDispatchMode):
    """Adds up the bytes of all storages that a row has made and that are not gone."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        own = (*model.parameters(), *model.buffers())
        self._weights = {each.untyped_storage()._cdata for each in own}
        self._alive: dict[int, int] = {}
        self.peak = 0

    def see(self, tensor: Any) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key not in self._alive and key not in self._weights:
            self._alive[key] = storage.nbytes()
            weakref.finalize(storage, self._alive.pop, key)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for each in tree_leaves(made):
            if isinstance(each, torch.Tensor):
                self.see(each)
        self.peak = max(self.peak, sum(self._alive.values()))
        return made


def peak_bytes(model: Any, shape: tuple[int, ...]) -> int:
    """Return the most bytes that are held at once, the image among them, without the weights.

    The model runs on the device that its weights are on.
    """
    device = next(model.parameters()).device
    image, live = torch.empty(1, *shape, device=device), Live(model)
    live.see(image)
    with torch.no_grad(), device, live:
        model(image)
    return live.peak


def kept_bytes(model: Any, shape: tuple[int, ...], images: int) -> int:
    """Return the bytes that autograd saves of so many images in training, each storage once.

    Attention runs by the kernel that a CPU has for it. Weights and buffers are left out.
    """
    own = (*model.parameters(), *model.buffers())
    saved = [each.untyped_storage() for each in own]  # held, so that no address is used twice
    keys = {each._cdata for each in saved}
    kept = 0

    def keep(tensor: Any) -> None:
        nonlocal kept
        storage = tensor.untyped_storage()
        if storage._cdata not in keys:
            keys.add(storage._cdata)
            saved.append(storage)
            kept += storage.nbytes()

    attention = functional.scaled_dot_product_attention
    functional.scaled_dot_product_attention = as_on_cpu(attention)
    try:
        with saved_tensors_hooks(keep, lambda _: None), torch.device("meta"):
            model.train()(torch.empty(images, *shape, device="meta"))
    finally:
        functional.scaled_dot_product_attention = attention
    return kept
