"""How a block derives one width from another: the authors' roundings, for a design or a sweep.

`field` names the argument to mend where no channel is left.
"""

from typing import Any

from bncalc.model.shape import require


def rounded(channels: int, factor: float, *, field: str) -> int:
    """Return channels · factor, rounded to the nearest whole number (an even one at a tie)."""
    exact: Any = channels * factor
    whole = exact.round().astype("int64") if hasattr(exact, "astype") else round(exact)
    return _some(whole, f"{field} {factor} leaves none of {channels} channels", field)


def cut(channels: int, factor: float, *, field: str) -> int:
    """Return channels · factor without what follows the point."""
    whole = truncated(channels * factor)
    return _some(whole, f"{field} {factor} leaves none of {channels} channels", field)


def divided(channels: int, parts: int, *, field: str | None = None) -> int:
    """Return channels // parts."""
    return _some(channels // parts, f"{channels} channels are too few to divide by {parts}", field)


def truncated(exact: float) -> int:
    """Return a number without what follows the point; of each in an array."""
    each: Any = exact
    whole: int = each.astype("int64") if hasattr(each, "astype") else int(each)
    return whole


def _some(width: int, message: str, field: str | None) -> int:
    require(width >= 1, message, field=field)
    return width
