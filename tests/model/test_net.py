"""The net that blocks build with: what it places, and what it refuses."""

import pytest
from tests.rows import each_of

import bncalc
from bncalc.model.blocks.expanding import squeeze_width
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block
from bncalc.model.registry import find
from bncalc.model.shape import Shape


def refused(net: Net, kind: Block, *inputs: Tensor) -> None:
    with pytest.raises(bncalc.ShapeError):
        net.build(kind, *inputs, name="refused")


def test_a_placement_that_is_refused_leaves_no_trace() -> None:
    net = Net(Shape(24, 8, 8))
    refused(net, find("conv")(out=4, kernel=9, padding=0), net.input)
    refused(net, find("group_norm")(groups=5), net.input)
    refused(net, find("add")(), net.input, Tensor(net, 0, Shape(3, 8, 8)))
    net.place(find("relu")(), net.input)  # type: ignore[arg-type]
    assert [node.path for node in net.graph("net").nodes] == ["in", "relu"]


def test_a_norm_that_is_refused_leaves_the_layer_before_it() -> None:
    net = Net(Shape(3, 8, 8))
    refused(net, find("conv")(out=24, norm="group"), net.input)
    net.act(net.input, "relu")
    assert [node.path for node in net.graph("net").nodes] == ["in", "refused", "relu"]


def test_parts_are_as_deep_as_the_parts_that_they_lie_in() -> None:
    """The second copy is settled as the first was, and lies one deeper than by itself."""
    net = Net(Shape(3, 8, 8))
    x = net.input
    for _ in range(2):
        with net.part("outer"), net.part("middle"), net.part("inner"):
            x = net.op("relu", x)
    parts = net.graph("net").parts
    assert [(part.path, part.depth) for part in parts] == [
        ("outer1", 0),
        ("outer1/middle", 1),
        ("outer1/middle/inner", 2),
        ("outer2", 0),
        ("outer2/middle", 1),
        ("outer2/middle/inner", 2),
    ]
    assert net.graph("net").blocks() == (parts[0], parts[3])


@each_of([(16, 0.25, 4), (15, 0.5, 7), (2, 0.25, 1), (8, None, 1)])
def test_squeeze_keeps_a_channel_at_least(channels: int, share: float | None, width: int) -> None:
    assert squeeze_width(channels, share) == width


def test_copies_of_copies_are_multiplied() -> None:
    net = Net(Shape(4, 8, 8))
    x = net.conv(net.input, 4, 1)
    net.conv(x, 4, 1)
    net.count(2, 5)
    net.count(1, 3)
    first, second = bncalc.measure(net.graph("net")).layers
    assert (first.cost.macs, second.cost.macs) == (3 * 16 * 64, 3 * 5 * 16 * 64)


def test_a_norm_and_an_activation_that_there_are_not_are_named_as_such() -> None:
    net = Net(Shape(4, 8, 8))
    with pytest.raises(bncalc.UsageError, match=r"no norm 'bach' \(did you mean 'batch'\?\)"):
        net.norm(net.input, "bach")
    with pytest.raises(bncalc.UsageError, match=r"no activation 'rleu' \(did you mean 'relu'\?\)"):
        net.act(net.input, "rleu")


@each_of([(2, 6), (1, 5), (0, 0)])
def test_copies_in_a_row_end_in_the_last_or_in_what_passes_them_by(ends_in: int, last: int) -> None:
    net = Net(Shape(4, 8, 8))
    mark = net.mark()
    net.conv(net.conv(net.input, 4), 4)
    made = net.made(mark, (net.input,), (Tensor(net, ends_in, net.input.shape),))
    assert made is not None
    assert net.row(made, ["1", "2"]).node == last
    assert len(net) == 1 + 2 * 3


@each_of([
    ("add", 0, "add takes at least one map, not 0"),
    ("concat", 0, "concat takes at least one map, not 0"),
    ("relu", 2, "relu takes 1 map, not 2"),
    ("basic", 2, "basic takes 1 map, not 2"),
    ("upsample_like", 1, "upsample_like takes 2 maps, not 1"),
])  # fmt: skip
def test_ops_and_blocks_take_so_many_maps(word: str, maps: int, message: str) -> None:
    net = Net((3, 8, 8))
    with pytest.raises(bncalc.ShapeError, match=message):
        net.op(word, *[net.input] * maps)
    assert len(net) == 1
