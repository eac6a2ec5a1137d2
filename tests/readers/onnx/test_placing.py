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
    def layers(count: int, kernels: list[int]) -> str:
        nodes, tensors, last = [], [], "x"
        for index in range(count):
            kernel = kernels[index % len(kernels)]
            pads = [kernel // 2] * 4
            nodes.append(node("Conv", f"{last} w{index}", f"y{index}", pads=pads))
            tensors.append(tensor(f"w{index}", [3, 3, kernel, kernel]))
            last = f"y{index}"
        path = tmp_path / f"{count}_{len(kernels)}.onnx"
        path.write_bytes(model(graph(nodes, tensors, {"x": [1, 3, 32, 32]}, last)))
        return str(path)

    alike, unlike = layers(30, [3]), layers(30, [*range(1, 61, 2)])
    open_model(alike)  # what is imported on use is there
    saved = calls(lambda: open_model(unlike)) - calls(lambda: open_model(alike))
    assert saved > 29 * 190
