"""Layouts, held against lists of elements that are split, turned and cut one by one."""

import random
from itertools import product
from math import prod

from tests.rows import each_of

from bncalc.model.ops.foreign import ForeignOptions
from bncalc.readers.axes import Dims
from bncalc.readers.layout import (
    AxisCut,
    Cuts,
    Layout,
    channels_first,
    cuts_in_map,
    gathered,
    map_axes,
    stacked,
    turn,
)

Elements = list[int]


def turned(elements: Elements, dims: Dims, order: Dims) -> Elements:
    """Return the elements of a tensor, in their order, after its axes got another one."""
    steps = [prod(dims[axis + 1 :]) for axis in range(len(dims))]
    places = product(*[range(dims[axis]) for axis in order])
    return [
        elements[sum(i * steps[axis] for i, axis in zip(place, order, strict=True))]
        for place in places
    ]


def cut(elements: Elements, dims: Dims, axis: int, kept: range) -> Elements:
    """Return the elements at some places of an axis."""
    behind = prod(dims[axis + 1 :])
    return [each for i, each in enumerate(elements) if i // behind % dims[axis] in kept]


def followed(elements: Elements, options: ForeignOptions) -> Elements:
    """Return the elements of a map after what the options of a view say."""
    sizes: Dims = (len(elements),)
    for name, value in options:
        assert isinstance(value, tuple)
        if name == "sizes":
            sizes = value
        elif name == "order":
            sizes = tuple([size for size in sizes if size > 1])
            elements, sizes = turned(elements, sizes, value), tuple([sizes[i] for i in value])
        elif name == "cut":
            axis, *ends = value
            elements = cut(elements, sizes, axis, range(*ends))
            sizes = (*sizes[:axis], len(range(*ends)), *sizes[axis + 1 :])
        else:  # the first of what is gathered stands for it
            for axis in reversed(value):
                elements = cut(elements, sizes, axis, range(1))
                sizes = (*sizes[:axis], *sizes[axis + 1 :])
    return elements


def views(seed: int) -> tuple[Dims, Elements, Layout] | None:
    """Return a tensor that is a view of a map: its sizes, its elements, and its layout."""
    draw = random.Random(seed)
    dims: Dims = tuple([draw.choice((1, 2, 3, 4, 6)) for _ in range(draw.randint(1, 4))])
    elements = list(range(prod(dims)))
    layout: Layout | None = turn(dims, tuple(range(len(dims))))
    for _ in range(3):
        order = tuple(draw.sample(range(len(dims)), len(dims)))
        layout = layout.then(turn(dims, order)) if layout else None
        elements, dims = turned(elements, dims, order), tuple([dims[i] for i in order])
        whole = prod(dims)
        first = draw.choice([n for n in range(1, whole + 1) if whole % n == 0])
        dims = draw.choice([dims, (first, whole // first)])
    return (dims, elements, layout) if layout else None


TENSORS = [each for each in map(views, range(300)) if each]


def test_most_views_have_a_layout() -> None:
    assert len(TENSORS) > 200


def test_a_layout_is_the_order_of_the_elements() -> None:
    for dims, elements, layout in TENSORS:
        plain = list(range(prod(dims)))
        assert followed(plain, layout.options) == elements
        assert layout.is_plain == (elements == plain)
        assert followed(elements, layout.inverse().options) == plain
        back = layout.then(layout.inverse())
        assert back
        assert back.is_plain


def test_a_part_of_a_tensor_is_a_part_of_its_map() -> None:
    stretches = 0
    for dims, elements, layout in TENSORS:
        axis = dims.index(max(dims))
        ends = (dims[axis] // 3, dims[axis] // 3 + max(dims[axis] // 2, 1))
        ranges = {axis: range(*ends)}
        if len(dims) > 2:
            ranges[(axis + 1) % len(dims)] = range(1)
        cuts = cuts_in_map(
            layout, dims, tuple([AxisCut(i, r.start, r.stop) for i, r in ranges.items()])
        )
        if cuts is None:
            continue
        part, left = elements, dims
        for i, kept in ranges.items():
            part = cut(part, left, i, kept)
            left = (*left[:i], len(kept), *left[i + 1 :])
        order = channels_first(left, len(left) - 1)
        plain_part, part = part, turned(part, left, order)
        options = cuts.options(turn(left, order))
        plain = list(range(prod(dims)))
        if options:
            assert followed(plain, options) == part
        shape = (prod(dims[:1]), prod(dims[1:]))
        if stretch := cuts.stretch(shape):
            stretches += 1
            taken = cut(plain, shape, stretch.axis, range(stretch.start, stretch.stop))
            assert followed(taken, cuts.left.options) == plain_part
    assert stretches > 20


@each_of(
    [
        ((2, 3, 4), AxisCut(1, 1, 3), (2, 3, 4), AxisCut(1, 1, 3)),
        ((2, 3, 4), AxisCut(1, 1, 3), (2, 12), AxisCut(1, 4, 12)),
        ((2, 3, 4, 5), AxisCut(2, 1, 3), (2, 3, 20), AxisCut(2, 5, 15)),
        ((2, 3, 4), AxisCut(1, 1, 3), (6, 4), None),  # twice in what is one axis there
        ((2, 3, 4), AxisCut(1, 1, 2), (2, 3, 4), None),  # a single position, whose axis is gone
        ((2, 4, 4), AxisCut(1, 0, 4, 2), (2, 4, 4), None),  # with gaps
    ]
)
def test_a_part_is_a_stretch_of_one_axis(
    sizes: Dims, cut: AxisCut, shape: Dims, expected: AxisCut | None
) -> None:
    assert Cuts(sizes, (cut,), Layout()).stretch(shape) == expected


def test_what_is_gathered_along_axes_of_a_tensor_is_gathered_in_its_map() -> None:
    for dims, elements, layout in TENSORS:
        left = dims[:-1]
        options = gathered(layout, dims, (len(dims) - 1,), turn(left, tuple(range(len(left)))))
        first = cut(elements, dims, len(dims) - 1, range(1))
        plain = list(range(prod(dims)))
        assert followed(plain, options) == first


def test_tensors_that_are_stacked_are_maps_beside_each_other() -> None:
    known = 0
    for dims, elements, layout in TENSORS:
        maps = [[(i, n) for n in range(prod(dims))] for i in range(2)]
        tensors = [[each[n] for n in elements] for each in maps]
        for along in range(len(dims) + 1):
            behind = prod(dims[along:])
            expected = [
                each
                for at in range(0, len(elements), behind)
                for tensor in tensors
                for each in tensor[at : at + behind]
            ]
            out = (*dims[:along], 2, *dims[along:])
            options = stacked(layout, dims, along, 2, turn(out, tuple(range(len(out)))))
            if options:
                known += 1
                beside = [*maps[0], *maps[1]]
                places = followed(list(range(len(beside))), options)
                assert [beside[i] for i in places] == expected
    assert known > 600


def test_axes_of_a_tensor_are_those_of_its_map() -> None:
    tokens = turn((3, 5), (1, 0))
    assert map_axes(tokens, (1, 5, 3), (3, 5)) == (None, 1, 0)
    assert map_axes(tokens, (1, 5, 3), (3, 1, 5)) == (None, 2, 0)
    assert map_axes(tokens, (15,), (3, 5)) is None
    assert turn((2, 0), (1, 0)).then(turn((2, 0), (1, 0))) is None
