"""The table of placers: each entry is a function, and a family is imported when it is needed."""

from __future__ import annotations

import pytest

from bncalc.model.registry import OPS
from bncalc.readers.onnx.placing import PLACERS, UNKNOWN, placer
from bncalc.readers.onnx.placing.words import (
    GLOBAL,
    NATIVE,
    NATIVE_JOINS,
    NATIVE_REDUCTIONS,
    POWERS,
)


@pytest.mark.parametrize("place", sorted({*PLACERS.values(), UNKNOWN}))
def test_entry_is_a_function_that_places(place):
    module, name = place.split(":")
    function = placer(place)
    assert (function.__module__.rpartition(".")[2], function.__name__) == (module, name)


def test_words_are_those_of_ops():
    reductions = {word for words in NATIVE_REDUCTIONS.values() for word in words}
    words = {*NATIVE.values(), *NATIVE_JOINS, *GLOBAL.values(), *POWERS.values(), *reductions}
    assert words <= set(OPS)
