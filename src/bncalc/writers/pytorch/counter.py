"""What each module of a model counts where the model runs: parameters, MACs, the map put out."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from bncalc.readers.torch.building import built
from bncalc.readers.torch.meta import MetaMode, on_meta
from bncalc.readers.torch.module import Loaded
from bncalc.readers.torch.tensors import tensors_in


class ModuleCounts(TorchDispatchMode):
    """Counts what the code of each module does itself, by the module's name.

    A parameter is counted in the module that is the first to read it; one that is never read, in
    its own. MACs are those of PyTorch's FLOP counter. `outputs` are the maps of modules that hold
    no others and are called once.
    """

    supports_higher_order_operators = True

    def __init__(self, loaded: Loaded) -> None:
        super().__init__()
        self.params: Counter[str] = Counter()
        self.macs: Counter[str] = Counter()
        self.outputs: dict[str, tuple[int, ...]] = {}
        self._counter = FlopCounterMode(display=False)
        self._model, self._given, _ = built(loaded)
        self.names = {module: name for name, module in self._model.named_modules()}
        self._running = [""]
        self._calls: Counter[str] = Counter()
        self._unread: dict[int, tuple[str, int]] = {}
        for name, parameter in self._model.named_parameters():
            parameter.requires_grad_(False)  # the counter fails where one is a module's input
            self._unread[id(parameter)] = (name.rpartition(".")[0], parameter.numel())
        self._known = set(self._unread)

    def run(self) -> None:
        """Run the model on the meta device."""
        with torch.no_grad(), on_meta(), MetaMode(), self._counter, self._following(), self:
            self._model(*self._given.by_place, **self._given.by_name)
        for owner, size in self._unread.values():
            self.params[owner] += size
        for name, parameter in self._model.named_parameters():
            if id(parameter) not in self._known:  # made in the run
                self.params[name.rpartition(".")[0]] += parameter.numel()
        self.outputs = {name: made for name, made in self.outputs.items() if self._calls[name] == 1}

    @contextmanager
    def _following(self) -> Iterator[None]:
        """Know at each time which module runs."""
        hooks = (
            register_module_forward_pre_hook(self._begin),
            register_module_forward_hook(self._end),
        )
        try:
            with warnings.catch_warnings():  # that the hooks of a compiled part are told twice
                warnings.filterwarnings("ignore", "Using `torch.compile")
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def _begin(self, module: Any, _: Any) -> None:
        self._running.append(self.names.get(module, self._running[-1]))

    def _end(self, module: Any, _: Any, made: Any) -> None:
        name = self._running.pop()
        self._calls[name] += 1
        if isinstance(made, torch.Tensor) and next(module.children(), None) is None:
            self.outputs[name] = tuple(made.shape)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, kwargs = self._running[-1], kwargs or {}
        for each in tensors_in((args, kwargs)):
            _, size = self._unread.pop(id(each), ("", 0))
            self.params[name] += size
        before = self._counter.get_total_flops()
        made = func(*args, **kwargs)
        self.macs[name] += (self._counter.get_total_flops() - before) // 2
        return made
