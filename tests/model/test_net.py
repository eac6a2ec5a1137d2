"""The net that blocks build with: what it places, and what it refuses."""

import pytest

import bncalc
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
