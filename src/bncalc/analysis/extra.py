"""An extra: what an analysis adds to a report when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Extra(NamedTuple):
    """What an analysis adds: totals by name, and a value a layer by name.

    `assumed` says what they rest on beyond the report's own assumptions.
    """

    totals: Mapping[str, object] = {}
    layers: Mapping[str, tuple[object, ...]] = {}
    assumed: Mapping[str, object] = {}
