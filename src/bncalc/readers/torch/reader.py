"""The reader: `torch:package.module:callable` becomes a graph. It runs the user's Python."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bncalc.errors import ShapeError, UsageError, suggest
from bncalc.model.origin import Design
from bncalc.model.reading import Reading, Request
from bncalc.named import NamedTuple

_RIGHT = "torch:package.module:callable@argument=value@3,224,224"


class _Name(NamedTuple):
    module: str
    callable: str


def read(request: Request) -> tuple[Reading, ...]:
    """Return the one design of a model of PyTorch, run once on the meta device.

    Raises UsageError where PyTorch is not installed, for a module or callable that there is not,
    for arguments that it does not take, and where no input is given.
    """
    if request.defaults:
        words = ", ".join(request.defaults)
        raise UsageError(f"{request.path} is a PyTorch model; it has its own {words}")
    if request.input is None:
        raise UsageError(f"{request.path}: give the input, as in {request.path}@3,224,224")
    name = _split(request.path)
    _needed(request.path)
    from bncalc.readers.torch.placement import Placement
    from bncalc.readers.torch.placing import place
    from bncalc.readers.torch.recording import record

    build = _built_by(name, request)
    try:
        trace = record(build, tuple(request.input))
        placement = Placement(trace)
        for call in trace.calls:
            place(placement, call)
        placement.finish()
    except (UsageError, ShapeError):
        raise
    except Exception as error:
        raise UsageError(f"{request.path} does not run: {_said(error)}") from error
    return (Reading((Design(placement.net.graph(name.callable)),), name.callable),)


def _split(path: str) -> _Name:
    _, module, *rest = path.split(":")
    if len(rest) != 1 or not module or not rest[0]:
        raise UsageError(f"{path!r} names no callable; write {_RIGHT}")
    return _Name(module, rest[0])


def _needed(path: str) -> None:
    if importlib.util.find_spec("torch") is None:
        raise UsageError(f"{path} needs PyTorch: pip install 'bncalc[torch]'")


def _built_by(name: _Name, request: Request) -> Callable[[], Any]:
    """Return what builds the model; the working folder is looked in for this import only."""
    with _working_folder():
        try:
            found: Any = importlib.import_module(name.module)
        except ImportError as error:
            raise UsageError(f"{request.path}: there is no module {_said(error)}") from None
        except Exception as error:
            raise UsageError(f"{request.path}: importing it fails: {_said(error)}") from error
    for attribute in name.callable.split("."):
        if not hasattr(found, attribute):
            known = suggest(attribute, [each for each in dir(found) if not each.startswith("_")])
            raise UsageError(f"{request.path}: {name.module} has no {attribute!r}{known}")
        found = getattr(found, attribute)
    return lambda: _called(found, request.path, request.settings)


def _called(found: Any, path: str, settings: Mapping[str, object]) -> Any:
    from torch import nn

    model = found if isinstance(found, nn.Module) else found(**settings)
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
        sys.path.remove(folder)


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:300]
