"""Stored numbers: what torchinfo counts of modules without parts, by what they have learned."""

from __future__ import annotations

from math import prod
from typing import Any

from bncalc.model.graph import Stored
from bncalc.readers.torch.tensors import KnownTensors, tensors_in
from bncalc.readers.torch.trace import TracedCall


class StoredNumbers:
    """What torchinfo counts of the modules that have run, each with the call that it belongs to.

    If numbers are masked, it counts those that the mask leaves, which no size tells.
    """

    def __init__(self, known: KnownTensors) -> None:
        self.all: list[Stored] = []
        self.any_masked = False
        self._known = known
        self._readers: dict[str, int] = {}  # the last call, from 1, that read each of them

    def note_call(self, call: TracedCall, number: int) -> None:
        """Note which numbers a call reads; calls are numbered from 1."""
        for weight in call.weights:
            self._readers.update(dict.fromkeys(weight.sources, number))

    def note_end(self, module: Any, made: Any) -> None:
        """Note what is counted of a module that ends, by the names of what it has learned.

        torchinfo looks at what is `made` first, or last of what has names, and takes a class to
        convolve whose name says so.
        """
        outputs = tensors_in(list(made.values())[-1] if isinstance(made, dict) else made)
        try:
            has_parts = any(module.children())  # as it asks, to whom an empty list is no part
        except TypeError:  # it fails: a compiled part has no length
            has_parts = True
        if not outputs or has_parts:
            return
        dims = tuple(outputs[0].shape)
        positions = prod(dims[2:]) if "Conv" in type(module).__name__ else 1
        for name, tensor in module.named_parameters():
            plain = name.removesuffix("_orig")
            is_masked = plain != name and hasattr(module, f"{plain}_mask")
            self.any_masked |= is_masked
            if "weight" in name or "bias" in name:
                is_usual = (plain if is_masked else name) in ("weight", "bias")
                times = prod(dims[:1]) * positions if is_usual else prod(dims[:2])
                source = min(self._known.described(tensor).sources, default="")
                call, is_bias = self._readers.get(source, 0), "weight" not in name
                self.all.append(Stored(call, tensor.numel() * times, is_bias))
