"""Where layers were written: innermost in a file, or at the entry that led there."""

from collections.abc import Mapping
from typing import NamedTuple

from bncalc.errors import Location
from bncalc.model.origin import Origin, Placed


class Call(NamedTuple):
    """A line of a file that places layers."""

    word: str
    location: Location
    arguments: Mapping[str, Placed]


def test_layers_of_included_blocks_are_found_in_each_file_that_led_there() -> None:
    inner, *callers = [
        Call("conv", Location("blocks.yaml", 9, 3), {}),
        Call("pair", Location("parts.yaml", 5, 3), {}),
        Call("pairs", Location("net.yaml", 2, 1), {}),
    ]
    origin = Origin(1, inner, tuple(callers))
    for call in (inner, *callers):
        assert origin.location(call.location.path) == call.location
    assert origin.location("another.yaml") == origin.top == Location("net.yaml", 2, 1)
