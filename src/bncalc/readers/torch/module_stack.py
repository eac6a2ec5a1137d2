"""The stack of modules that are running, each of them within the one before it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims


class Given(NamedTuple):
    """How a module was called: with how much by place and by name, the first of these sizes.

    It has none if it is no tensor; they are None if all was given by name.
    """

    module: Any
    dims: Dims | None
    by_place: int
    by_name: int

    @property
    def axes(self) -> int | None:
        return None if self.dims is None else len(self.dims)


class ModuleStack:
    """The modules of a model that are running, outermost first, each with its path."""

    def __init__(self, model: Any) -> None:
        self.running: list[tuple[str, Any]] = []
        self._given: list[Given] = []
        self._model = model
        self._names = {module: name for name, module in model.named_modules()}
        self._places: Counter[Any] = Counter()
        self._place(model)

    @property
    def name(self) -> str:
        """The name of the innermost, its path with dots; none outside of any."""
        return self.running[-1][0] if self.running else ""

    @property
    def path(self) -> tuple[str, ...]:
        """The path of the innermost."""
        return tuple(self.name.split(".")) if self.name else ()

    @property
    def given(self) -> Given:
        """How the innermost was called."""
        return self._given[-1] if self.running else _NOTHING

    @property
    def places(self) -> int:
        """In how many places of the model the innermost is, by as many ways from the outermost."""
        return self._places[self.running[-1][1]] if self.running else 1

    def _place(self, module: Any) -> None:
        """Count a module in one more place, and its parts with it, each once if it has it twice."""
        self._places[module] += 1
        for part in module.children():
            self._place(part)

    def classes(self) -> dict[tuple[str, ...], str]:
        """Return the class of the module at each path, in words of the language."""
        return {
            tuple(name.split(".")): _words(type(module).__name__)
            for module, name in self._names.items()
            if name
        }

    @contextmanager
    def following(self, left: Callable[[Any, Any, Any], None]) -> Iterator[None]:
        """Follow which modules run within this.

        `left` is called with each that ends, while it is still the innermost, with what it was
        given, and what it made.
        """

        def push(module: Any, given: Any, named: Any) -> None:
            self.running.append((self._names.get(module, ""), module))
            dims = tuple(given[0].shape) if given and isinstance(given[0], torch.Tensor) else ()
            self._given.append(Given(module, dims if given else None, len(given), len(named)))

        def pop(module: Any, given: Any, made: Any) -> None:
            left(module, given, made)
            self.running.pop()
            self._given.pop()

        scripts = torch.jit.ScriptModule  # these take no hooks
        modules = [each for each in self._model.modules() if not isinstance(each, scripts)]
        handles = [module.register_forward_pre_hook(push, with_kwargs=True) for module in modules]
        handles += [module.register_forward_hook(pop, always_call=True) for module in modules]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


_NOTHING = Given(None, None, 0, 0)


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
