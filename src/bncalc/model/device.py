"""A device: what it computes and what it moves in a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Device(NamedTuple):
    """Peak operations a second by type (a MAC is two), and bytes a second to and from memory."""

    name: str
    peak: Mapping[str, int]
    bandwidth: int
    description: str = ""
    source: str = ""
    note: str = ""
