"""The module that a `torch:` name means, imported, built and run, whatever its code does."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from bncalc.errors import BncalcError, UsageError, suggest
from bncalc.loading import torch_for
from bncalc.model.reading import Request
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple

_RIGHT = "torch:package.module:callable@argument=value@3,224,224"


class Named(NamedTuple):
    """A callable of a module, and the input that is given to what it returns."""

    module: str
    callable: str
    input: Shape


def named(request: Request) -> Named:
    """Return what a name asks for; raise UsageError for what it does not say, and runs nothing."""
    if request.defaults:
        words = ", ".join(request.defaults)
        raise UsageError(f"{request.path} is a PyTorch model; it has its own {words}")
    if request.input is None:
        raise UsageError(f"{request.path}: give the input, as in {request.path}@3,224,224")
    _, module, *rest = request.path.split(":")
    if len(rest) != 1 or not module or not rest[0]:
        raise UsageError(f"{request.path!r} names no callable; write {_RIGHT}")
    torch_for(request.path)
    return Named(module, rest[0], request.input)


@contextmanager
def running(path: str) -> Iterator[None]:
    """Run other people's code: what it prints is no answer, and however it ends is one error."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except BncalcError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{path} does not run: {_in_words(error)}") from error


def builder(name: Named, request: Request) -> Callable[[], Any]:
    """Return what builds the model; the working folder is looked in for this import only."""
    with _working_folder():
        try:
            owner: Any = importlib.import_module(name.module)
        except ImportError as error:
            message = f"{request.path}: {name.module} cannot be imported: {_in_words(error)}"
            raise UsageError(message) from None
    for attribute in name.callable.split("."):
        if not hasattr(owner, attribute):
            public = [word for word in dir(owner) if not word.startswith("_")]
            hint = suggest(attribute, public)
            raise UsageError(f"{request.path}: {name.module} has no {attribute!r}{hint}")
        owner = getattr(owner, attribute)
    return lambda: _built(owner, request.path, request.settings)


def _built(callable: Any, path: str, settings: Mapping[str, object]) -> Any:
    from torch import nn

    model = callable if isinstance(callable, nn.Module) else callable(**settings)
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


def _in_words(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:300]
