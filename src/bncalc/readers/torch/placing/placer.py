"""The type of what places a call."""

from collections.abc import Callable

from bncalc.readers.torch.placement import Placement
from bncalc.readers.torch.trace import Call

Placer = Callable[[Placement, Call], None]
