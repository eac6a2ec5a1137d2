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
    from bncalc.analysis.measurement import measure
    from bncalc.analysis.report import Report
    from bncalc.errors import BncalcError, ShapeError, SpecError, UsageError
    from bncalc.model.graph import Graph
    from bncalc.model.net import Defaults, Net, block
    from bncalc.model.shape import Shape
    from bncalc.opening.model import load

__all__ = [
    "Assumptions",
    "BncalcError",
    "Comparison",
    "Defaults",
    "Graph",
    "Net",
    "Report",
    "Shape",
    "ShapeError",
    "SpecError",
    "UsageError",
    "__version__",
    "block",
    "compare",
    "load",
    "measure",
]

_HOMES = {
    "analysis.assumptions": "Assumptions",
    "analysis.comparison": "Comparison compare",
    "analysis.measurement": "measure",
    "analysis.report": "Report",
    "errors": "BncalcError ShapeError SpecError UsageError",
    "model.graph": "Graph",
    "model.net": "Defaults Net block",
    "model.shape": "Shape",
    "opening.model": "load",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: start-up is a feature."""
    for module, names in _HOMES.items():
        if name in names.split():
            return loaded(f"{module}:{name}")
    raise AttributeError(f"module 'bncalc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
