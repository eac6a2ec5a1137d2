"""A stock: what the models of one run have in common is placed and measured once."""

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import Known
from bncalc.language.stamping import KeptStamps


class Stock:
    """What calls and layers of earlier models came to, for the models that follow in a run."""

    def __init__(self) -> None:
        self.stamps = KeptStamps()
        self._layers: dict[Assumptions, Known] = {}

    def layers(self, assumptions: Assumptions) -> Known:
        """Return the layers that were measured under the same assumptions; `measure` adds to it."""
        return self._layers.setdefault(assumptions, {})
