"""The module that a `torch:` name means, imported and built."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bncalc.errors import UsageError, suggest
from bncalc.loading import torch_for
from bncalc.model.reading import InputNeeded, Request
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.torch.chance import same_draws
from bncalc.readers.torch.running import in_words

_RIGHT = "torch:package.module:callable@argument=value@3,224,224"


class Named(NamedTuple):
    """A callable of a module."""

    module: str
    callable: str


class BuiltModel(NamedTuple):
    """A model, and what it is given by name, which its callable did not take."""

    model: Any
    settings: Mapping[str, object]


class Loaded(NamedTuple):
    """What builds a model; its first input without the batch; and what its callable takes."""

    path: str
    build: Callable[[], BuiltModel]
    input: Shape | None
    takes: tuple[str, ...]


def named(request: Request) -> Named:
    """Return what a name asks for; raise UsageError for what it does not say, and run nothing."""
    if request.defaults:
        words = ", ".join(request.defaults)
        raise UsageError(f"{request.path} is a PyTorch model; it has its own {words}")
    _, module, *rest = request.path.split(":")
    if len(rest) != 1 or not module or not rest[0]:
        raise UsageError(f"{request.path!r} names no callable; write {_RIGHT}")
    if request.input is None and not request.settings:
        raise no_input(request.path)
    torch_for(request.path)
    return Named(module, rest[0])


def load(name: Named, request: Request) -> Loaded:
    """Import what builds the model; the working folder is looked in for this import only."""
    path, owner = request.path, _imported(name, request.path)
    parted = _parted(owner, request.settings)
    return Loaded(path, lambda: _built(owner, path, parted), request.input, parted.takes)


def _imported(name: Named, path: str) -> Any:
    with _working_folder(), same_draws():
        try:
            owner: Any = importlib.import_module(name.module)
        except ImportError as error:
            message = f"{path}: {name.module} cannot be imported: {in_words(error)}"
            raise UsageError(message) from None
    for attribute in name.callable.split("."):
        if not hasattr(owner, attribute):
            public = [word for word in dir(owner) if not word.startswith("_")]
            hint = suggest(attribute, public)
            raise UsageError(f"{path}: {name.module} has no {attribute!r}{hint}")
        owner = getattr(owner, attribute)
    return owner


class _Parted(NamedTuple):
    """Settings by who takes them: a callable by their names or as any others, else its model."""

    named: Mapping[str, object]
    further: Mapping[str, object]
    inputs: Mapping[str, object]
    takes: tuple[str, ...]


def _parted(owner: Any, settings: Mapping[str, object]) -> _Parted:
    from torch import nn

    if isinstance(owner, nn.Module):
        return _Parted({}, {}, settings, ())
    parameters = parameters_of(owner)
    if parameters is None:
        return _Parted(settings, {}, {}, ())
    takes = tuple([name for name, each in parameters.items() if each.kind not in _OPEN])
    named = {name: value for name, value in settings.items() if name in takes}
    others = {name: value for name, value in settings.items() if name not in takes}
    further: Mapping[str, object] = {}
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        is_model = inspect.isclass(owner) and issubclass(owner, nn.Module)
        taken = inspect.signature(owner.forward).parameters if is_model else {}
        further = {name: value for name, value in others.items() if name not in taken}
    inputs = {name: value for name, value in others.items() if name not in further}
    return _Parted(named, further, inputs, takes)


def parameters_of(function: Any) -> Mapping[str, inspect.Parameter] | None:
    """Return the parameters of a callable; None if it is not written in Python."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None


def no_input(path: str) -> InputNeeded:
    """Return what to say of a model that is given no input at all."""
    return InputNeeded(f"{path}: give the input, as in {path}@3,224,224")


_OPEN = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def _built(owner: Any, path: str, settings: _Parted) -> BuiltModel:
    """Build a model; what its callable hands on and nobody takes is an input of the model."""
    if not settings.further:
        return BuiltModel(_module(owner, path, settings.named), settings.inputs)
    try:
        return BuiltModel(_module(owner, path, {**settings.named, **settings.further}), {})
    except TypeError:
        model = _module(owner, path, settings.named)
        taken = parameters_of(model.forward) or {}
        inputs = {name: value for name, value in settings.further.items() if name in taken}
        if not inputs:
            raise
    others = {name: value for name, value in settings.further.items() if name not in inputs}
    return BuiltModel(
        _module(owner, path, {**settings.named, **others}) if others else model, inputs
    )


def _module(owner: Any, path: str, settings: Mapping[str, object]) -> Any:
    from torch import nn

    model = owner if isinstance(owner, nn.Module) else owner(**settings)
    if not isinstance(model, nn.Module):
        raise UsageError(f"{path} gives a {type(model).__name__}, not a torch.nn.Module")
    return model


@contextmanager
def _working_folder() -> Iterator[None]:
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with suppress(ValueError):  # the module has removed it
            sys.path.remove(folder)
