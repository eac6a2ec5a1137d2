"""Heads: what detects, segments, finds points or classifies, from the maps of several levels."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.errors import ShapeError
from bncalc.model.cost import Cost
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape
from bncalc.readers.ultralytics.context import Arguments, Context

Head = Callable[[Context, tuple[Tensor, ...], Arguments], None]


def classify(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> None:
    """Classify(nc): 1×1 to 1280, mean, linear."""
    net = context.net
    x = net.concat(*maps) if len(maps) > 1 else maps[0]
    y = net.op("global_avg_pool", net.conv(x, 1280, 1, name="conv"))
    net.op("linear", y, out=given.whole(0), norm="none", act="none", bias=True)


def detect(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> None:
    """Detect(nc): boxes and classes of each level; with anchors, one 1×1 for both."""
    classes = given.whole(0)
    if context.anchors:
        _anchored(context, maps, classes + 5)
    else:
        _detect(context, maps, classes, twice=bool(context.numbers.get("end2end")))


def detect_twice(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> None:
    """v10Detect(nc): both branches twice, for one box an object and for many."""
    _detect(context, maps, given.whole(0), twice=True, separable=True)


def segment(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> None:
    """Segment(nc, nm, npr): Detect, coefficients of masks, and the masks' prototypes."""
    if context.anchors:
        masks, prototypes = given.whole(2, 32), context.scale.channels(given.whole(3, 256))
        _anchored(context, maps, given.whole(0) + 5 + masks)
    else:
        masks, prototypes = given.whole(1, 32), context.scale.channels(given.whole(2, 256))
        detect(context, maps, given)
        _further(context, maps, masks)
    with context.net.part("proto", "proto"):
        _prototypes(context.net, maps[0], prototypes, masks)


def pose(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> None:
    """Pose(nc, kpt_shape): Detect, and points of so many numbers each."""
    points, numbers = given.wholes(1, (17, 3))
    detect(context, maps, given)
    _further(context, maps, points * numbers)


def oriented(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> None:
    """OBB(nc, ne): Detect, and an angle."""
    detect(context, maps, given)
    _further(context, maps, given.whole(1, 1))


HEADS: dict[str, Head] = {
    "Classify": classify,
    "Detect": detect,
    "v10Detect": detect_twice,
    "Segment": segment,
    "Pose": pose,
    "OBB": oriented,
}


def _detect(
    context: Context,
    maps: tuple[Tensor, ...],
    classes: int,
    *,
    twice: bool,
    separable: bool | None = None,
) -> None:
    net, bins = context.net, context.number("reg_max", 16)
    first = maps[0].channels
    boxes, labels = max(16, first // 4, 4 * bins), max(first, min(classes, 100))
    apart = context.separable if separable is None else separable
    for branch in ("", "one2one_")[: 1 + twice]:
        for level, x in enumerate(maps):
            with net.part("boxes", f"{branch}cv2_{level}"):
                y = net.conv(net.conv(x, boxes, 3), boxes, 3)
                _last(net, y, 4 * bins)
            with net.part("classes", f"{branch}cv3_{level}"):
                y = (
                    _separable(net, x, labels)
                    if apart
                    else net.conv(net.conv(x, labels, 3), labels, 3)
                )
                _last(net, y, classes)
    if bins > 1:
        _expected(net, maps, bins)


def _separable(net: Net, x: Tensor, out: int) -> Tensor:
    y = net.conv(net.depthwise(x, 3), out, 1)
    return net.conv(net.depthwise(y, 3), out, 1)


def _last(net: Net, x: Tensor, out: int) -> Tensor:
    return net.conv(x, out, 1, norm="none", act="none", bias=True)


def _expected(net: Net, maps: tuple[Tensor, ...], bins: int) -> None:
    """Place the fixed 1×1 that takes the mean of a distribution over bins, for four sides a box."""
    sides = 4 * sum(x.shape.positions for x in maps)
    cost = Cost(weights=bins, macs=bins * sides, activations=sides)
    facts = Facts("dfl", Shape(1, sides), cost=cost, family="product")
    net.place(Foreign(facts), *maps)


def _anchored(context: Context, maps: tuple[Tensor, ...], numbers: int) -> None:
    for level, x in enumerate(maps):
        with context.net.part("level", f"m{level}"):
            _last(context.net, x, context.anchors * numbers)


def _further(context: Context, maps: tuple[Tensor, ...], numbers: int) -> None:
    """Place the branch that finds so many numbers more for each position."""
    net = context.net
    hidden = max(maps[0].channels // 4, numbers)
    for level, x in enumerate(maps):
        with net.part("further", f"cv4_{level}"):
            _last(net, net.conv(net.conv(x, hidden, 3), hidden, 3), numbers)


def _prototypes(net: Net, x: Tensor, hidden: int, masks: int) -> None:
    y = net.conv(x, hidden, 3, name="cv1")
    y = net.op(
        "conv_transpose", y, out=hidden, kernel=2, stride=2, padding=0, norm="none", act="none",
        bias=True, name="upsample",
    )  # fmt: skip
    net.conv(net.conv(y, hidden, 3, name="cv2"), masks, 1, name="cv3")


def unread(context: Context, maps: tuple[Tensor, ...], word: str) -> None:
    """Place a head that is not known as an operation whose cost is not counted."""
    if not maps:
        raise ShapeError(f"{word} has no source")
    context.net.place(Foreign(Facts(word, maps[0].shape, counted=False)), *maps)
