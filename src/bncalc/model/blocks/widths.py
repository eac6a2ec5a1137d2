"""How a block derives one width from another: the authors' roundings, for a design or a sweep.

`field` names the argument to mend where no channel is left.
"""

from typing import Any

from bncalc.model.shape import require


def rounded(channels: int, factor: float, *, field: str) -> int:
    """Return channels · factor, rounded to the nearest whole number (an even one at a tie)."""
    exact: Any = channels * factor
    whole: int = exact.round().astype("int64") if hasattr(exact, "astype") else round(exact)
    require(whole >= 1, lambda: _none_left(channels, factor, field), field=field)
    return whole


def cut(channels: int, factor: float, *, field: str) -> int:
    """Return channels · factor without what follows the point."""
    whole = truncated(channels * factor)
    require(whole >= 1, lambda: _none_left(channels, factor, field), field=field)
    return whole


def divided(channels: int, parts: int, *, field: str | None = None) -> int:
    """Return channels // parts."""
    part = channels // parts
    require(part >= 1, lambda: f"{channels} channels are too few to divide by {parts}", field=field)
    return part


def truncated(exact: float) -> int:
    """Return a number without what follows the point; of each in an array."""
    each: Any = exact
    whole: int = each.astype("int64") if hasattr(each, "astype") else int(each)
    return whole


def _none_left(channels: int, factor: float, field: str) -> str:
    return f"{field} {factor} leaves none of {channels} channels"
