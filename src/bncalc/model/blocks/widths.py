"""How a block derives one width from another: the authors' roundings.

`field` names the argument to mend where no channel is left.
"""

from math import trunc

from bncalc.errors import ShapeError


def rounded(channels: int, factor: float, *, field: str) -> int:
    """Return channels · factor, rounded to the nearest whole number (an even one at a tie)."""
    whole = round(channels * factor)
    if whole < 1:
        raise ShapeError(_none_left(channels, factor, field), field=field)
    return whole


def cut(channels: int, factor: float, *, field: str) -> int:
    """Return channels · factor without what follows the point."""
    whole = trunc(channels * factor)
    if whole < 1:
        raise ShapeError(_none_left(channels, factor, field), field=field)
    return whole


def divided(
    channels: int, parts: int, *, field: str | None = None, instead: str | None = None
) -> int:
    """Return channels // parts; `instead` names the argument that would say the width itself."""
    part = channels // parts
    if part < 1:
        hint = f"; give `{instead}`" if instead else ""
        message = f"{channels} channels are too few to divide by {parts}{hint}"
        raise ShapeError(message, field=field)
    return part


def _none_left(channels: int, factor: float, field: str) -> str:
    return f"{field} {factor} leaves none of {channels} channels"
