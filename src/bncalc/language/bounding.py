"""Bounding: the work of assembly is counted, and not only what comes of it."""

from bncalc.language.frame import Frame
from bncalc.language.layer_count import MAX_LAYERS
from bncalc.language.spec import Entry
from bncalc.language.stamping import Stamping

TOO_MANY = f"the network has more than {MAX_LAYERS:,} layers"
MAX_IDLE = 10_000
"""So many entries and copies may place nothing, and for each layer a few more."""
MAX_LOOKS = 16
"""How many entries and copies may be looked at for each layer that is placed."""
MAX_PROBLEMS = 10_000
MAX_DEPTH = 3_000
MAX_CALLS = 1_000
MAX_NAMES = 30_000_000
"""Layers times the depth of parts that they lie in: the names of all are held in memory."""


class NetworkTooLarge(Exception):
    """Raised where a network passes every bound; that has been reported, and all work ends."""


class Bounding(Stamping):
    """Counts entries, copies and parts."""

    work: int
    """How many entries and copies have been looked at."""
    depth: int
    """How deep in parts the next layer lies, and the deepest layer so far."""
    deepest: int

    def bound(self, entry: Entry, frame: Frame, further: int = 0) -> None:
        """Raise TooLarge where work passes its bounds: layers, their names, and what makes none."""
        self.work += 1
        layers = len(self.net) + further
        if layers > MAX_LAYERS:
            message = TOO_MANY
        elif layers * self.deepest > MAX_NAMES:
            message = f"{layers:,} layers are {self.deepest:,} parts deep: too many names"
        elif self.work > MAX_IDLE + MAX_LOOKS * layers:
            message = f"more than {MAX_IDLE:,} entries and copies that place nothing"
        elif len(self.problems) > MAX_PROBLEMS:
            raise NetworkTooLarge  # there is enough to mend
        else:
            return
        self.report(entry.location, message, frame)
        raise NetworkTooLarge
