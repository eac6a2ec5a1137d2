"""Axes of tensors as maps: each row worked out by hand."""

import pytest

from bncalc.model.ops.convolution import Conv
from bncalc.model.shape import Shape
from bncalc.readers.axes import Dims, agree, followed, likely, put_out, shape_of


@pytest.mark.parametrize(
    ("dims", "axis", "batch", "shape"),
    [
        ((1, 64, 7, 9), 1, 1, (64, 7, 9)),
        ((1, 7, 9, 64), -1, 1, (64, 7, 9)),
        ((8, 64, 7, 9), 1, 8, (64, 7, 9)),
        ((32, 49, 96), 2, 8, (96, 4, 49)),  # four windows of each image
        ((64, 1, 9), 0, 1, (64, 1, 9)),  # without a batch nothing is left out
        ((1, 197, 192), 2, 1, (192, 197)),
        ((1, 8, 2, 3, 4, 5), 1, 1, (8, 6, 4, 5)),
        ((), 0, 1, (1,)),
    ],
)
def test_sizes_are_a_map(dims: Dims, axis: int, batch: int, shape: Dims) -> None:
    assert shape_of(dims, axis, batch) == Shape(*shape)


@pytest.mark.parametrize(
    ("dims", "axis"), [((), 0), ((5,), 0), ((1, 5), 1), ((1, 5, 6), 1), ((1, 5, 6, 7, 8), 1)]
)
def test_channels_are_likely_behind_the_batch(dims: Dims, axis: int) -> None:
    assert likely(dims) == axis


@pytest.mark.parametrize(
    ("dims", "axis", "new", "there"),
    [
        ((1, 64, 7, 7), 1, (1, 64, 49), 1),
        ((1, 49, 64), 2, (1, 7, 7, 64), 3),
        ((1, 4, 4, 4), 2, (1, 16, 4), None),  # of as many, none has four behind
        ((1, 4, 4, 4), 3, (1, 16, 4), 2),
        ((1, 64, 7, 7), 1, (1, 3136), 1),  # flattened: what it holds are channels
        ((1, 64, 7, 7), 1, (8, 8, 7, 7), None),
    ],
)
def test_channels_are_followed_through_other_sizes(
    dims: Dims, axis: int, new: Dims, there: int | None
) -> None:
    assert followed(dims, axis, new) == there


def test_axes_of_size_one_make_no_difference() -> None:
    assert agree(Shape(8, 1, 7), Shape(8, 7))
    assert not agree(Shape(8, 7, 1), Shape(7, 8))
    assert not agree(Shape(8, 2, 7), Shape(8, 7, 2))


def test_an_op_that_does_not_fit_puts_out_nothing() -> None:
    conv = Conv(out=16, kernel=(3, 3), groups=4)
    assert put_out(conv, (Shape(8, 6, 6),)) == Shape(16, 6, 6)
    assert put_out(conv, (Shape(8, 6),)) is None
    assert put_out(conv, (Shape(6, 6, 6),)) is None
    assert put_out(conv, (Shape(8, 6, 6), Shape(8, 6, 6))) is None
