"""Uncollected: what makes many objects and no cycles is not held up by the search for cycles.

Each of the objects is looked at again and again while others are made: with a million of them that
takes longer than making them.
"""

import gc


class Uncollected:
    """Keeps the collector of cycles from running within, unless it is off anyway."""

    __slots__ = ("_was_on",)

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()
