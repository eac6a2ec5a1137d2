"""The same formulas serve one design and many: a field may hold the numbers of several designs."""

from typing import Any

import numpy as np
from tests.rows import each_of

import bncalc
from bncalc.model.cost import Cost
from bncalc.model.graph import Graph
from bncalc.search.lanes import Lanes

WIDTHS = (16, 32, 64, 96, 128)


def total(graph: Graph) -> Cost:
    cost = Cost()
    for node in graph.nodes:
        cost = cost + node.op.cost(graph.input_shapes(node), node.output)
    return cost


@each_of(
    [
        ("bottleneck", "mid", {}),
        ("bottleneck", "mid", {"out": 512, "stride": 2}),
        ("bottleneck", "mid", {"groups": 16}),
        ("plain", "out", {"kernel": 5}),
        ("factorized", "mid", {}),
        ("inverted_residual", "mid", {"se_mid": 8}),
        ("depthwise_separable", "out", {}),
    ]
)
def test_lanes_give_the_answers_of_its_numbers(
    word: str, field: str, fixed: dict[str, Any]
) -> None:
    defaults = bncalc.Defaults(norm="batch", act="relu", bias=True)
    widths = Lanes.of(np.array(WIDTHS))
    shape = (256, 56, 56)
    many = total(bncalc.block(word, shape, defaults=defaults, **{field: widths}, **fixed))
    for index, width in enumerate(WIDTHS):
        single = total(bncalc.block(word, shape, defaults=defaults, **{field: width}, **fixed))
        for name in ("params", "buffers", "macs", "elementwise", "activations"):
            each = getattr(many, name)
            at = each.values[index] if isinstance(each, Lanes) else each
            assert at == getattr(single, name), (name, width)
