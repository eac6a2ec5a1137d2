"""A fix: one edit of a model file, as data."""

from __future__ import annotations

from typing import Literal

from bncalc.errors import Location
from bncalc.named import NamedTuple


class Fix(NamedTuple):
    """A single edit that has been worked out anew with the value `new`: it meets `meets`.

    `bound` says that every value from there on does, as far as the model can be built with it: `<=`
    for at most `new`, `>=` for at least, `=` where only this one is known to.
    """

    field: str
    old: str
    new: str
    bound: Literal["<=", ">=", "="]
    location: Location
    meets: tuple[str, ...]
