"""An extra: what an analysis adds to a report when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Extra(NamedTuple):
    """What an analysis adds: totals by name, and a value a layer by name.

    `assumed` and `notes` say what these rest on, to programs and to people.
    """

    totals: Mapping[str, object] = {}
    layers: Mapping[str, tuple[object, ...]] = {}
    assumed: Mapping[str, object] = {}
    notes: tuple[str, ...] = ()
