"""Literals: values as they stand in source that calls PyTorch."""

from __future__ import annotations

from math import isfinite
from typing import Any


class Expression(str):
    """Source of a value, which is written as it is."""

    __slots__ = ()


def literal(value: Any) -> str:
    """Return a value as source text, as ruff and Black quote it.

    Numbers that Python has no literal for are PyTorch's, which source of ours imports.
    """
    if isinstance(value, float) and not isfinite(value):
        return f"{value}".replace(f"{abs(value)}", f"torch.{abs(value)}")
    if isinstance(value, tuple):
        items = ", ".join([literal(each) for each in value])
        return f"({items}{',' * (len(value) == 1)})"
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)
