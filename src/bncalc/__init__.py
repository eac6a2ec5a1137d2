"""What convolutional blocks and networks cost, worked out analytically.

import bncalc

for graph in bncalc.load("configs/resnet256.yaml"):
    print(graph.name, bncalc.measure(graph).totals.params)

bottleneck = bncalc.block("bottleneck", (256, 56, 56), mid=64)
bncalc.measure(bottleneck).totals.macs  # 218365952
"""

from typing import TYPE_CHECKING, Any

from bncalc._version import __version__
from bncalc.loading import loaded

if TYPE_CHECKING:
    from bncalc.analysis.assumptions import Assumptions
    from bncalc.analysis.comparison import Comparison, compare
    from bncalc.analysis.difference import Difference, difference
    from bncalc.analysis.measurement import measure
    from bncalc.analysis.report import Report
    from bncalc.analysis.training import Training
    from bncalc.budget.check import check
    from bncalc.budget.verdict import Verdict
    from bncalc.errors import BncalcError, ShapeError, SpecError, UsageError
    from bncalc.model.building import Defaults
    from bncalc.model.graph import Graph
    from bncalc.model.net import Net, block
    from bncalc.model.shape import Shape
    from bncalc.opening.device import device
    from bncalc.opening.model import load, network
    from bncalc.search.space import Space
    from bncalc.search.space_opening import space
    from bncalc.search.sweep import Sweep, sweep

__all__ = [
    "Assumptions", "BncalcError", "Comparison", "Defaults", "Difference", "Graph", "Net", "Report",
    "Shape", "ShapeError", "Space", "SpecError", "Sweep", "Training", "UsageError", "Verdict",
    "__version__", "block", "check", "compare", "device", "difference", "load", "measure",
    "network", "space", "sweep",
]  # fmt: skip

_HOMES = {
    "analysis.assumptions": "Assumptions",
    "analysis.comparison": "Comparison compare",
    "analysis.difference": "Difference difference",
    "analysis.measurement": "measure",
    "analysis.report": "Report",
    "analysis.training": "Training",
    "errors": "BncalcError ShapeError SpecError UsageError",
    "model.graph": "Graph",
    "model.net": "Defaults Net block",
    "model.shape": "Shape",
    "budget.check": "check",
    "budget.verdict": "Verdict",
    "opening.device": "device",
    "opening.model": "load network",
    "search.space_opening": "space",
    "search.space": "Space",
    "search.sweep": "Sweep sweep",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: start-up is a feature."""
    for module, names in _HOMES.items():
        if name in names.split():
            return loaded(f"{module}:{name}")
    raise AttributeError(f"module 'bncalc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
