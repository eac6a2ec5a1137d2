"""The table of placers: each entry is a function, and a family is imported when it is needed."""

from __future__ import annotations

import pytest
from tests.readers.onnx.encoder import graph, model, node, tensor
from tests.work import calls

from bncalc.model.registry import OPS
from bncalc.opening.model import open_model
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


def test_layer_like_an_earlier_one_is_not_worked_out_again(tmp_path):
    def chain(count: int) -> str:
        nodes, tensors = [], []
        for index in range(count):
            nodes.append(node("Conv", f"y{index} w{index}", f"y{index + 1}", pads=[1, 1, 1, 1]))
            tensors.append(tensor(f"w{index}", [3, 3, 3, 3]))
        path = tmp_path / f"{count}.onnx"
        path.write_bytes(model(graph(nodes, tensors, {"y0": [1, 3, 32, 32]}, f"y{count}")))
        return str(path)

    few, many = chain(10), chain(40)
    open_model(few)  # what is imported on use is there
    each = (calls(lambda: open_model(many)) - calls(lambda: open_model(few))) / 30
    assert each < 580
