"""Tensors without channels: elements, memory and counts are known, fields are not."""

import copy
import pickle

import pytest

import bncalc
from bncalc.model.net import Net
from bncalc.model.shape import Dims, Shape


def test_sizes_without_channels_have_elements_and_nothing_else() -> None:
    dims = Dims(5, 6, 7)
    assert (dims, dims.elements, str(dims)) == ((5, 6, 7), 210, "5×6×7")
    assert (Dims().elements, str(Dims())) == (1, "1 number")
    assert pickle.loads(pickle.dumps(dims)) == copy.copy(dims) == dims
    assert isinstance(copy.copy(dims), Dims)
    assert isinstance(dims, Shape)
    for name in ("channels", "space", "positions", "axes"):
        with pytest.raises(bncalc.ShapeError, match="a tensor of 5×6×7 has no"):
            getattr(dims, name)


def test_what_works_on_each_element_takes_them() -> None:
    net = Net(Dims(5, 6))
    x = net.act(net.act(net.input, "relu"), "gelu")
    net.add(x, x)
    report = bncalc.measure(net.graph("dims"), also=["training", "receptive_field"])
    assert report.output == (5, 6)
    assert report.totals.elementwise == 30 * (1 + 5 + 1)
    assert report.totals.peak_activation_bytes == 4 * 30
    assert report.numbers()["receptive_field_scope"] == "unclear"
    assert report.numbers()["receptive_field"] is None


@pytest.mark.parametrize(
    ("word", "fields"),
    [("conv", {"out": 3}), ("linear", {"out": 3, "each": True}), ("batch_norm", {}),
     ("global_avg_pool", {}), ("channel_shuffle", {}), ("attention", {})],
)  # fmt: skip
def test_what_needs_channels_refuses_them(word: str, fields: dict[str, object]) -> None:
    net = Net(Dims(4, 6))
    with pytest.raises(bncalc.ShapeError, match="a tensor of 4×6 has no"):
        net.op(word, net.input, name="x", **fields)
