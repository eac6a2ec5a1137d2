"""What layers of two models read: where that differs it is named once, and what follows as such."""

from bncalc.model.graph import Graph
from bncalc.model.net import Net, Tensor
from bncalc.writers.sources import rewired
from bncalc.writers.verification import Mismatch

PAIRS = [(at, at) for at in range(4)]


def net(third: int, fourth: int) -> Graph:
    """Return four convolutions, the last two of which read earlier ones by their numbers."""
    chain = Net((4, 8, 8))
    maps = [chain.input]
    for source in (0, 1, third, fourth):
        maps.append(chain.conv(maps[source], 4, 1))
    return chain.graph("net")


def test_models_that_are_wired_alike_differ_in_nothing() -> None:
    assert rewired((net(2, 3), net(2, 3)), PAIRS) == {}


def test_a_layer_that_reads_another_one_is_named_with_both() -> None:
    rows = rewired((net(2, 3), net(1, 3)), PAIRS)
    assert rows == {2: (Mismatch("conv3", "reads", "conv2", "conv1"),)}


def test_what_reads_in_place_of_the_same_layer_follows() -> None:
    rows = rewired((net(2, 2), net(1, 1)), PAIRS)
    assert [(at, row.follows) for at, (row,) in rows.items()] == [(2, False), (3, True)]


def test_a_layer_whose_source_has_no_partner_is_left_out() -> None:
    for pairs in ([(0, 0), (1, -1), (2, 2), (3, 3)], [(0, 0), (-1, 1), (2, 2), (3, 3)]):
        assert rewired((net(2, 3), net(1, 3)), pairs) == {}


def test_of_a_layer_that_reads_very_many_it_is_not_asked() -> None:
    sides = []
    for read in (64, 65):
        wide = Net((4, 8, 8))
        maps: list[Tensor] = [wide.conv(wide.input, 4, 1) for _ in range(65)]
        wide.conv(wide.concat(*maps[:read]), 4, 1)
        sides.append(wide.graph("net"))
    few, many = sides
    pairs = [(at, at) for at in range(65)] + [(66, 66)]
    for one, other in ((few, many), (many, few)):
        assert 66 not in rewired((one, other), pairs)
