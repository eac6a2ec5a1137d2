"""Tensors without sizes: what they come to is nothing, and what needs channels refuses them."""

import copy
import pickle

import pytest
from tests.rows import each_of

import bncalc
from bncalc.model.net import Net
from bncalc.model.shape import Shape, Unsized


def test_a_tensor_without_sizes_has_no_elements_and_nothing_else() -> None:
    unsized = Unsized()
    assert (unsized.elements, str(unsized), repr(unsized)) == (0, "?", "Unsized()")
    for copied in (copy.copy(unsized), pickle.loads(pickle.dumps(unsized))):
        assert type(copied) is Unsized
    assert isinstance(unsized, Shape)
    for name in ("channels", "space", "positions", "axes"):
        with pytest.raises(bncalc.ShapeError, match=r"a tensor of \? has no"):
            getattr(unsized, name)


def test_what_works_on_each_element_takes_them() -> None:
    net = Net(Unsized())
    x = net.act(net.act(net.input, "relu"), "gelu")
    net.add(x, x)
    report = bncalc.measure(net.graph("unsized"), also=["training", "receptive_field"])
    assert isinstance(report.output, Unsized)
    assert (report.totals.elementwise, report.totals.peak_activation_bytes) == (0, 0)
    assert report.numbers()["receptive_field_scope"] == "unclear"
    assert report.numbers()["receptive_field"] is None


@each_of([("conv", {"out": 3}), ("linear", {"out": 3, "each": True}), ("batch_norm", {}),
     ("global_avg_pool", {}), ("channel_shuffle", {}), ("attention", {})])  # fmt: skip
def test_what_needs_channels_refuses_them(word: str, fields: dict[str, object]) -> None:
    net = Net(Unsized())
    with pytest.raises(bncalc.ShapeError, match=r"a tensor of \? has no"):
        net.op(word, net.input, name="x", **fields)
