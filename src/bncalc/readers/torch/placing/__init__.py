"""How calls are placed, by family: which native op each is, from which of its arguments."""

from __future__ import annotations

from bncalc.errors import ShapeError
from bncalc.readers.torch.placement import TracePlacement, TracePlacer
from bncalc.readers.torch.placing import (
    functions,
    joining,
    learned,
    moving,
    norms,
    products,
    windows,
)
from bncalc.readers.torch.trace import TracedCall

_PLACERS: dict[str, TracePlacer] = {
    **functions.PLACERS,
    **joining.PLACERS,
    **moving.PLACERS,
    **norms.PLACERS,
    **products.PLACERS,
    **windows.PLACERS,
}
"""Placers by the word of a call."""


def place(placement: TracePlacement, call: TracedCall) -> None:
    """Place a call; one that nobody knows is not counted, but for the MACs that PyTorch counts."""
    call = call if call.values else learned.on_map(placement, call) or call
    placement.begin(call)
    if not call.values:
        functions.worked_out(placement, call)
    elif call.is_view and (call.word == "getitem" or call.word not in _PLACERS):
        moving.move(placement, call)
    else:
        try:
            _PLACERS.get(call.word, functions.unknown)(placement, windows.batched(call))
        except ShapeError:  # beyond what our ops take
            functions.unknown(placement, call)
    placement.hold_others(call)
    if windows.is_unbatched(call):
        placement.hold(call.outputs[0], placement.any(call.outputs[0]), 0)
