"""The type of what places a call."""

from collections.abc import Callable

from bncalc.readers.torch.placement import TracePlacement
from bncalc.readers.torch.trace import TracedCall

TracePlacer = Callable[[TracePlacement, TracedCall], None]
