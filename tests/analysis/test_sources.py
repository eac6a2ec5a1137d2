"""What layers of two models read: where that differs it is named once, and what follows as such."""

from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.analysis.sources import Sources, in_place, put_out_otherwise, rewired
from bncalc.analysis.wiring import wired
from bncalc.model.net import Net, Tensor
from bncalc.model.registry import op_named

PAIRS = [(at, at) for at in range(4)]


def net(third: int, fourth: int) -> Report:
    """Return four convolutions, the last two of which read earlier ones by their numbers."""
    chain = Net((4, 8, 8))
    maps = [chain.input]
    for source in (0, 1, third, fourth):
        maps.append(chain.conv(maps[source], 4, 1))
    return measure(chain.graph("net"))


def test_models_that_are_wired_alike_differ_in_nothing() -> None:
    assert rewired(wired(net(2, 3), net(2, 3), PAIRS)) == {}


def test_a_layer_that_reads_another_one_is_named_with_both() -> None:
    rows = rewired(wired(net(2, 3), net(1, 3), PAIRS))
    assert rows == {2: Sources("conv2", "conv1")}


def test_what_reads_in_place_of_the_same_layer_follows() -> None:
    rows = rewired(wired(net(2, 2), net(1, 1), PAIRS))
    assert [(at, row.follows) for at, row in rows.items()] == [(2, False), (3, True)]


def test_a_layer_whose_source_has_no_partner_is_left_out() -> None:
    for pairs in ([(0, 0), (1, -1), (2, 2), (3, 3)], [(0, 0), (-1, 1), (2, 2), (3, 3)]):
        assert rewired(wired(net(2, 3), net(1, 3), pairs)) == {}


def test_of_a_layer_that_reads_very_many_it_is_not_asked() -> None:
    sides = []
    for read in (64, 65):
        wide = Net((4, 8, 8))
        maps: list[Tensor] = [wide.conv(wide.input, 4, 1) for _ in range(65)]
        wide.conv(wide.concat(*maps[:read]), 4, 1)
        sides.append(measure(wide.graph("net")))
    few, many = sides
    pairs = [(at, at) for at in range(65)] + [(66, 66)]
    for one, other in ((few, many), (many, few)):
        assert 66 not in rewired(wired(one, other, pairs))


def pools(*kernels: int, joins: tuple[str, ...] = ("add",)) -> Report:
    """Return pools of a map beside each other, joined one after the other, and a convolution."""
    net = Net((4, 8, 8))
    x = net.conv(net.input, 4, 1)
    made = x
    for kernel, join in zip(kernels, joins * len(kernels), strict=False):
        pooled = net.place(op_named("max_pool")(kernel=(kernel, kernel), stride=1), x)
        made = net.place(op_named(join)(), made, pooled)
    net.conv(made, 4, 1)
    return measure(net.graph("net"))


def works(one: Report, other: Report) -> list[tuple[str, str]]:
    """Return what is in whose place, by their paths; the convolutions are pairs."""
    convs = [
        [at for at, layer in enumerate(each.layers) if layer.op == "conv"] for each in (one, other)
    ]
    places = in_place(wired(one, other, zip(*convs, strict=True)))
    return sorted((one.paths[a], other.paths[b]) for a, b in places)


def test_pools_beside_each_other_pair_by_their_windows_in_any_order() -> None:
    assert works(pools(3, 5, 7), pools(7, 3, 5)) == [
        ("add1", "add1"), ("add2", "add2"), ("add3", "add3"),
        ("max_pool1", "max_pool2"), ("max_pool2", "max_pool3"), ("max_pool3", "max_pool1"),
    ]  # fmt: skip


def test_a_join_is_in_the_place_of_one_of_another_kind() -> None:
    assert works(pools(3, 3), pools(3, 3, joins=("add", "multiply"))) == [
        ("add1", "add"), ("add2", "multiply"),
        ("max_pool1", "max_pool1"), ("max_pool2", "max_pool2"),
    ]  # fmt: skip


def test_what_only_one_side_has_is_in_the_place_of_nothing() -> None:
    assert works(pools(3), pools(3, 3)) == [("add", "add1"), ("max_pool", "max_pool1")]


def test_other_maps_that_are_put_out_are_named_and_not_their_order() -> None:
    def heads(*put_out: int) -> Report:
        net = Net((4, 8, 8))
        maps = [net.conv(net.input, 4, 1) for _ in range(3)]
        for at in put_out:
            net.output(maps[at])
        return measure(net.graph("net"))

    def between(one: Report, other: Report) -> Sources | None:
        return put_out_otherwise(wired(one, other, PAIRS[:3]))

    assert between(heads(0, 1, 2), heads(2, 0, 1)) is None
    assert between(heads(0, 1), heads(0, 2)) == Sources("conv2", "conv3")
    assert between(heads(0, 1), heads(0)) == Sources("conv2", None)
