"""What PyTorch holds, multiplies, and keeps for the backward pass while a module runs."""

import weakref
from typing import Any

import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from bncalc.readers.torch.on_cpu import as_on_cpu


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


class Products(TorchDispatchMode):
    """Adds up the MACs of rows by the sizes of their factors, whatever module calls them.

    PyTorch's own counter also follows gradients through modules, and fails where one is given some
    of what it is given by name.
    """

    macs = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        word = func.overloadpacket.__name__
        if word in ("mm", "bmm"):
            self.macs += args[0].numel() * args[1].shape[-1]
        elif word in ("addmm", "baddbmm"):
            self.macs += args[1].numel() * args[2].shape[-1]
        elif word == "convolution":
            weight, is_transposed = args[1], args[6]
            self.macs += (args[0] if is_transposed else made).numel() * weight[0].numel()
        return made


def multiplied(model: Any, shape: tuple[int, ...]) -> int:
    """Return the MACs of a model that is on the meta device, for one image."""
    products = Products()
    with torch.no_grad(), torch.device("meta"), products:
        model.eval()(torch.empty(1, *shape))
    return products.macs


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
