"""Heads: what detects, segments, finds points or classifies, from the maps of several levels."""

from __future__ import annotations

from bncalc.errors import ShapeError
from bncalc.model.blocks.transformer import linear
from bncalc.model.net import Net, Tensor
from bncalc.quantity import plural
from bncalc.readers.ultralytics.arguments import RowArguments
from bncalc.readers.ultralytics.context import Context, Module
from bncalc.readers.ultralytics.modules.decoder import decoder
from bncalc.readers.ultralytics.rows import Anchors

Levels = tuple[Tensor, ...]
EXPECTED = "expected"
"""The word of the part that takes the mean over bins, which a model in training leaves out."""


def classify(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    """Place a 1×1 to 1280, the mean, and a linear layer."""
    net = context.net
    x = net.concat(*maps) if len(maps) > 1 else maps[0]
    kernel = given.whole("k", 1, least=1)
    padding = given.whole("p", kernel // 2)
    y = net.conv(
        x, 1280, kernel, stride=given.whole("s", 1, least=1), padding=padding,
        groups=given.whole("g", 1, least=1), name="conv",
    )  # fmt: skip
    y = net.op("global_avg_pool", y)
    return net.op("linear", y, out=given.whole("nc", least=1), norm="none", act="none", bias=True)


def detect(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    """Place boxes and classes of each level; with anchors, one 1×1 for both."""
    if context.anchors:
        return _anchored(context, context.anchors, maps, given.whole("nc", least=1) + 5)
    return _detected(context, maps, given)


def detect_twice(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    """Place both branches twice, for one box an object and for many."""
    numbers = {**context.numbers, "end2end": True}
    return _detected(context._replace(separable=True, numbers=numbers), maps, given)


def segment(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    """Place detection, coefficients of masks, and the masks' prototypes."""
    classes, masks = given.whole("nc", least=1), given.whole("nm", 32, least=1)
    hidden = context.scale.channels(given.whole("npr", 256, least=1))
    if context.anchors:
        _anchored(context, context.anchors, maps, classes + 5 + masks)
    else:
        _detected(context, maps, given)
        _further(context, maps, masks)
    with context.net.part("proto", "proto"):
        return _prototypes(context.net, maps[0], hidden, masks)


def segment26(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    """Place segmentation whose prototypes are made of all levels.

    A branch for classes of every position trains them, and does not run.
    """
    net, classes = context.net, given.whole("nc", least=1)
    masks = given.whole("nm", 32, least=1)
    hidden = context.scale.channels(given.whole("npr", 256, least=1))
    _detected(context, maps, given)
    _further(context, maps, masks)
    with net.part("proto", "proto"):
        first, *others = maps
        x = first
        for level, other in enumerate(others):
            y = net.conv(other, first.channels, 1, name=f"refine{level}")
            x = net.add(x, net.op("upsample", y, size=first.shape.space))
        with net.training_only(), net.part("classes", "semseg"):
            trained = net.conv(net.conv(x, hidden, 3), hidden, 3)
            _last(net, trained, classes)
        return _prototypes(net, net.conv(x, hidden, 3, name="fuse"), hidden, masks)


def pose(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    """Place detection, and points of so many numbers each."""
    points, numbers = given.wholes("kpt_shape", (17, 3), count=2)
    _detected(context, maps, given)
    return _further(context, maps, points * numbers)


def pose26(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    """Place detection and points.

    How certain each point is and a flow of six affine couplings are for training alone.
    """
    net, (points, numbers) = context.net, given.wholes("kpt_shape", (17, 3), count=2)
    _detected(context, maps, given)
    hidden = max(maps[0].channels // 4, points * (numbers + 2))
    for branch in _branches(context):
        for level, x in enumerate(maps):
            with net.part("points", f"{branch}cv4_{level}"):
                y = net.conv(net.conv(x, hidden, 3), hidden, 3)
                last = _last(net, y, points * numbers, name="points")
                with net.training_only():
                    _last(net, y, points * 2, name="sigma")
    with net.training_only(), net.part("flow", "flow_model"):
        _flow(net, net.op("slice", last, stop=2))
    return last


def _flow(net: Net, x: Tensor) -> None:
    """Place six couplings of a scale and a shift, each three linear layers (arXiv:1605.08803)."""
    for coupling in range(6):
        scale, shift = (_perceptron(net, x, f"{part}{coupling}") for part in ("s", "t"))
        x = net.add(net.op("multiply", x, scale), shift)


def _perceptron(net: Net, x: Tensor, name: str) -> Tensor:
    with net.part("coupling", name):
        y = linear(net, linear(net, x, 64, "fc1"), 64, "fc2")
        return linear(net, y, x.channels, "fc3")


def oriented(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    """Place detection, and an angle."""
    _detected(context, maps, given)
    return _further(context, maps, given.whole("ne", 1, least=1))


def _branches(context: Context) -> tuple[str, ...]:
    """Return the beginnings of names: detection without suppression has its branches twice."""
    return ("", "one2one_") if context.numbers.get("end2end") else ("",)


def _detected(context: Context, maps: Levels, given: RowArguments) -> Tensor:
    net, bins, classes = context.net, context.number("reg_max", 16), given.whole("nc", least=1)
    first = maps[0].channels
    boxes, labels = max(16, first // 4, 4 * bins), max(first, min(classes, 100))
    for branch in _branches(context):
        ends = []
        for level, x in enumerate(maps):
            with net.part("boxes", f"{branch}cv2_{level}"):
                y = net.conv(net.conv(x, boxes, 3), boxes, 3)
                ends.append(_last(net, y, 4 * bins))
            with net.part("classes", f"{branch}cv3_{level}"):
                if context.separable:
                    y = net.conv(net.depthwise(x, 3), labels, 1)
                    y = net.conv(net.depthwise(y, 3), labels, 1)
                else:
                    y = net.conv(net.conv(x, labels, 3), labels, 3)
                last = _last(net, y, classes)
    return _expected(net, tuple(ends), bins) if bins > 1 else last


def _last(net: Net, x: Tensor, out: int, name: str | None = None) -> Tensor:
    return net.conv(x, out, 1, norm="none", act="none", bias=True, name=name)


def _expected(net: Net, boxes: Levels, bins: int) -> Tensor:
    """Place the mean of a distribution over bins, for four sides a box: a fixed 1×1 takes it."""
    with net.part(EXPECTED, "dfl"):
        flat = [net.op("reshape", x, to=(4 * bins, x.shape.positions)) for x in boxes]
        x = net.op("concat", *flat, over="width") if len(flat) > 1 else flat[0]
        x = net.op("reshape", x, to=(4, bins, x.shape.positions))
        x = net.op("softmax", net.op("transpose", x, axes=(0, 1)), called="method")
        return net.conv(x, 1, 1, norm="none", act="none", name="conv")


def _anchored(context: Context, anchors: Anchors, maps: Levels, numbers: int) -> Tensor:
    if anchors.levels not in (0, len(maps)):
        arrive = "1 map arrives" if len(maps) == 1 else f"{len(maps)} maps arrive"
        both = f"{arrive}, and the file's anchors are for {plural(anchors.levels, 'level')}"
        raise ShapeError(both, field="from")
    for level, x in enumerate(maps):
        with context.net.part("level", f"m{level}"):
            last = _last(context.net, x, anchors.each * numbers)
    return last


def _further(context: Context, maps: Levels, numbers: int) -> Tensor:
    """Place the branch that finds so many numbers more for each position."""
    net = context.net
    hidden = max(maps[0].channels // 4, numbers)
    for branch in _branches(context):
        for level, x in enumerate(maps):
            with net.part("further", f"{branch}cv4_{level}"):
                last = _last(net, net.conv(net.conv(x, hidden, 3), hidden, 3), numbers)
    return last


def _prototypes(net: Net, x: Tensor, hidden: int, masks: int) -> Tensor:
    y = net.conv(x, hidden, 3, name="cv1")
    y = net.op(
        "conv_transpose", y, out=hidden, kernel=2, stride=2, padding=0, norm="none", act="none",
        bias=True, name="upsample",
    )  # fmt: skip
    return net.conv(net.conv(y, hidden, 3, name="cv2"), masks, 1, name="cv3")


HEADS = {
    "Classify": Module(classify, "nc k s p g", takes="several"),
    "Detect": Module(detect, "nc anchors", takes="several"),
    "v10Detect": Module(detect_twice, "nc", takes="several"),
    "Segment": Module(segment, "nc nm npr", takes="several"),
    "Segment26": Module(segment26, "nc nm npr", takes="several"),
    "Pose": Module(pose, "nc kpt_shape", takes="several"),
    "Pose26": Module(pose26, "nc kpt_shape", takes="several"),
    "OBB": Module(oriented, "nc ne", takes="several"),
    "OBB26": Module(oriented, "nc ne", takes="several"),
    "RTDETRDecoder": Module(decoder, "nc hd nq ndp nh ndl d_ffn", takes="several"),
}
"""By the word of a row."""
