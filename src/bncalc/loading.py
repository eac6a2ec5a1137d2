"""Loading on use: what a table names as `module:name` is imported when it is first asked for."""

from importlib import import_module
from typing import Any


def loaded(place: str) -> Any:
    """Return what `module:name` names; the module is one of bncalc's."""
    module, name = place.split(":")
    return getattr(import_module(f"bncalc.{module}"), name)
