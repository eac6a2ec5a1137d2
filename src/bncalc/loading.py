"""Loading on use: what a table names as `module:name` is imported when it is first asked for."""

from importlib import import_module
from typing import Any

from bncalc.errors import UsageError


def loaded(place: str) -> Any:
    """Return what `module:name` names; the module is one of bncalc's."""
    module, name = place.split(":")
    return getattr(import_module(f"bncalc.{module}"), name)


def torch_for(what: str) -> Any:
    """Return PyTorch, which is an extra; raise UsageError where it is not installed."""
    try:
        return import_module("torch")
    except ImportError:
        raise UsageError(f"{what} needs PyTorch: pip install 'bncalc[torch]'") from None
