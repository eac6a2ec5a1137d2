"""Axes of tensors as maps: each row worked out by hand."""

from tests.rows import each_of

from bncalc.model.ops.convolution import Conv
from bncalc.model.shape import Shape
from bncalc.readers.axes import Dims, agree, alike, followed, likely, put_out, shape_of, size_of


@each_of(
    [
        ((1, 64, 7, 9), 1, 1, (64, 7, 9)),
        ((1, 7, 9, 64), -1, 1, (64, 7, 9)),
        ((8, 64, 7, 9), 1, 8, (64, 7, 9)),
        ((32, 49, 96), 2, 8, (96, 4, 49)),  # four windows of each image
        ((64, 1, 9), 0, 1, (64, 1, 9)),  # without a batch nothing is left out
        ((1, 197, 192), 2, 1, (192, 197)),
        ((1, 8, 2, 3, 4, 5), 1, 1, (8, 6, 4, 5)),
        ((), 0, 1, (1,)),
    ]
)
def test_sizes_are_a_map(dims: Dims, axis: int, batch: int, shape: Dims) -> None:
    assert shape_of(dims, axis, batch) == Shape(*shape)


@each_of([((), 0), ((5,), 0), ((1, 5), 1), ((1, 5, 6), 1), ((1, 5, 6, 7, 8), 1)])
def test_channels_are_likely_behind_the_batch(dims: Dims, axis: int) -> None:
    assert likely(dims) == axis


@each_of(
    [
        ((1, 64, 7, 7), 1, (1, 64, 49), 1),
        ((1, 49, 64), 2, (1, 7, 7, 64), 3),
        ((1, 4, 4, 4), 2, (1, 16, 4), None),  # of as many, none has four behind
        ((1, 4, 4, 4), 3, (1, 16, 4), 2),
        ((1, 64, 7, 7), 1, (1, 3136), 1),  # flattened: what it holds are channels
        ((1, 64, 7, 7), 1, (8, 8, 7, 7), None),
    ]
)
def test_channels_are_followed_through_other_sizes(
    dims: Dims, axis: int, new: Dims, there: int | None
) -> None:
    assert followed(dims, axis, new) == there


@each_of(
    [
        ((1, 64, 7, 9), 1, 3, 1, 2),
        ((1, 64, 7, 9), 1, 1, 1, 0),
        ((1, 64, 7, 9), 1, 0, 1, None),  # the batch is left out
        ((1, 7, 9, 64), 3, 1, 1, 1),
        ((4, 49, 96), 2, 0, 1, 1),  # windows are the first axis of positions
        ((1, 8, 2, 3, 4, 5), 1, 3, 1, None),  # together with the axis before it
        ((1, 8, 2, 3, 4, 5), 1, -1, 1, 3),
    ]
)
def test_axis_of_a_tensor_is_a_size_of_its_map(
    dims: Dims, axis: int, which: int, batch: int, size: int | None
) -> None:
    assert size_of(dims, axis, which, batch) == size


@each_of(
    [
        ((1, 64, 1, 1), 1, (64, 7, 9), (64, 1, 1)),
        ((1, 1, 9, 64), 3, (64, 7, 9), (64, 1, 9)),
        ((1, 3, 49, 49), 1, (3, 8, 49, 49), (3, 1, 49, 49)),  # alike in all of its windows
        ((8, 1, 49, 49), 1, (3, 8, 49, 49), (1, 8, 49, 49)),
        ((1, 5, 1, 1), 1, (64, 7, 9), None),
        ((5, 8), 1, (8,), None),  # five for each, and no axis to hold them
        ((64,), 0, (64, 7, 9), None),
    ]
)
def test_sizes_of_a_constant_broadcast_to_a_map(
    dims: Dims, axis: int, other: Dims, shape: Dims | None
) -> None:
    assert alike(dims, axis, Shape(*other)) == (shape and Shape(*shape))


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
