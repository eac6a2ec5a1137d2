"""How much work something takes, counted: the same on every machine, however busy it is."""

import sys
from collections.abc import Callable


def calls(do: Callable[[], object]) -> int:
    """Return how many calls of functions, ours and C's, it takes to `do` something."""
    count = 0
    probing = 0  # calls of what measures coverage, one in another

    def counted(_frame: object, event: str, argument: object) -> None:
        nonlocal count, probing
        if getattr(argument, "__module__", None) == "slipcover.probe":
            probing += 1 if event == "c_call" else -1
        count += event in ("call", "c_call") and not probing

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count
