"""Modules: what each word of an Ultralytics row places. Facts of structure: papers and tables."""

from bncalc.readers.ultralytics.modules.heads import HEADS
from bncalc.readers.ultralytics.modules.layers import JOINS, LAYERS
from bncalc.readers.ultralytics.modules.stages import STAGES

MODULES = {**LAYERS, **JOINS, **STAGES, **HEADS}
"""By the word of a row, without `nn.`."""

ANCHORED = {
    **MODULES,
    "Bottleneck": STAGES["Bottleneck"]._replace(arguments="c2 shortcut g e"),
    "Segment": HEADS["Segment"]._replace(arguments="nc anchors nm npr"),
}
"""Those of YOLOv5's own files, which have anchors."""
