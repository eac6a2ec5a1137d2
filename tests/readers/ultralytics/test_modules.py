"""What modules of rows place: each with few and with many arguments, layer by layer.

`module_layers.txt` holds them; `pytest tests/readers/ultralytics/test_modules.py --golden` writes
it anew.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.graph_lines import hold, lines_of
from tests.rows import each_of

from bncalc.errors import ShapeError
from bncalc.model.graph import Graph
from bncalc.model.net import Net, Tensor
from bncalc.readers.ultralytics.arguments import ArgumentError, RowArguments
from bncalc.readers.ultralytics.context import Context
from bncalc.readers.ultralytics.modules import ANCHORED, MODULES
from bncalc.readers.ultralytics.rows import Anchors
from bncalc.readers.ultralytics.scale import ModelScale, letter_in, without_letter

LEVELS = ((16, 8, 8), (24, 4, 4))


class Row(NamedTuple):
    """A module on maps, at a scale; `numbers` are what the file says of the model."""

    word: str
    values: tuple[Any, ...] = ()
    maps: tuple[tuple[int, ...], ...] = ((16, 8, 8),)
    repeats: int = 1
    letter: str = ""
    numbers: Mapping[str, Any] = {}
    separable: bool = False
    anchors: Anchors | None = None

    @property
    def title(self) -> str:
        further = zip(self._fields[2:], self[2:], strict=True)
        told = [f"{name} {value}" for name, value in further if value != self._field_defaults[name]]
        return " ".join([self.word, str(list(self.values)), *told])

    def graph(self) -> Graph:
        net = Net(self.maps[0])
        maps = [net.input, *[net.further_input(shape, f"x{i}") for i, shape in _others(self.maps)]]
        module = (ANCHORED if self.anchors else MODULES)[self.word]
        scale = ModelScale(self.letter)
        context = Context(net, scale, self.numbers, self.separable, self.anchors, self.repeats)
        given = RowArguments(module.arguments, self.values, self.numbers)
        made = module.place(context, tuple(maps), given)
        for index, tensor in enumerate([made] if isinstance(made, Tensor) else made):
            net.output(tensor, str(index))
        return net.graph(self.word)


def _others(maps: tuple[tuple[int, ...], ...]) -> list[tuple[int, tuple[int, ...]]]:
    return list(enumerate(maps))[1:]


WIDE = ((256, 4, 4),)
TWICE = {"end2end": True, "reg_max": 1}
ROWS = [
    Row("Conv", (24,)),
    Row("Conv", (24, 5, 2, None, 4, 2, False)),
    Row("Conv", (24, 3, 1, 0)),
    Row("Conv", (20, 4)),
    Row("DWConv", (24,)),
    Row("DWConv", (24, 4, 2, 2, False)),
    Row("ConvTranspose2d", (24,)),
    Row("ConvTranspose2d", (24, 4, 3, 1, 2, 8, False)),
    Row("Upsample"),
    Row("Upsample", (None, 3, "bilinear")),
    Row("MaxPool2d", (2,)),
    Row("MaxPool2d", (3, 1, 1)),
    Row("AvgPool2d", (2,)),
    Row("AvgPool2d", (3, 1, 1)),
    Row("BatchNorm2d", (16,)),
    Row("Focus", (24,)),
    Row("Focus", (24, 3, 2, 1, 4, False)),
    *[Row(word) for word in ("GELU", "Hardswish", "LeakyReLU", "Mish", "ReLU", "ReLU6", "SiLU")],
    Row("ZeroPad2d", ((1, 2, 3, 4),)),
    Row("Identity"),
    Row("Concat", (1,), ((16, 8, 8), (24, 8, 8))),
    Row("CBLinear", ((8, 24),)),
    Row("C2", (24,), repeats=2),
    Row("C2", (24, False, 2, 1.0)),
    Row("C2f", (24,), repeats=2),
    Row("C2f", (24, True, 2, 1.0)),
    Row("C3", (24,), repeats=2),
    Row("C3", (24, False, 2, 1.0)),
    Row("C3Ghost", (24,), repeats=2),
    Row("C3Ghost", (24, True, 1, 1.0)),
    Row("C3TR", (24,), repeats=2),
    Row("C3TR", (24, True, 1, 1.0)),
    Row("C3k2", (24,), repeats=2),
    Row("C3k2", (32, True, 0.25, False, 2, False)),
    Row("C3k2", (256, False, 0.5, True), WIDE),
    Row("C3k2", (24,), letter="m"),
    Row("A2C2f", (64,), ((64, 4, 4),), 2),
    Row("A2C2f", (64, False, -1), ((64, 4, 4),)),
    Row("A2C2f", (64, True, 4, True, 1.5, 1.0), ((64, 4, 4),)),
    Row("A2C2f", (64, True, -1), ((64, 4, 4),), letter="x"),
    Row("C2fCIB", (24,), repeats=2),
    Row("C2fCIB", (24, True, True, 1, 1.0)),
    Row("C2PSA", (256,), WIDE, 2),
    Row("PSA", (256, 0.5), WIDE),
    Row("Bottleneck", (16,)),
    Row("Bottleneck", (16, False, 2, (5, 3), 1.0)),
    Row("Bottleneck", (16,), anchors=Anchors(3)),
    Row("Bottleneck", (16, True, 2, 1.0), anchors=Anchors(3)),
    Row("SPP", (24,)),
    Row("SPP", (24, (3, 5))),
    Row("SPPF", (24,)),
    Row("SPPF", (16, 3, 2, True)),
    Row("SCDown", (24,)),
    Row("SCDown", (24, 5, 1)),
    Row("RepConv", (24,)),
    Row("RepConv", (24, 3, 2)),
    Row("ELAN1", (24, 8, 6)),
    Row("RepNCSPELAN4", (24, 8, 6)),
    Row("RepNCSPELAN4", (24, 8, 6, 2)),
    Row("AConv", (24,)),
    Row("ADown", (24,)),
    Row("SPPELAN", (24, 6)),
    Row("SPPELAN", (24, 6, 3)),
    Row("GhostConv", (24,)),
    Row("GhostConv", (24, 3, 2, 1, False)),
    Row("HGStem", (6, 24)),
    Row("HGBlock", (6, 24), repeats=2),
    Row("HGBlock", (6, 16, 5, True, True), repeats=2),
    Row("RepC3", (24,), repeats=2),
    Row("RepC3", (24, 0.5)),
    Row("AIFI"),
    Row("AIFI", (24, 4)),
    Row("ResNetLayer", (3, 8, 1, True), ((3, 16, 16),)),
    Row("ResNetLayer", (16, 8, 2, False, 2)),
    Row("ResNetLayer", (16, 8, 1, False, 1, 2)),
    Row("ResNetLayer", (16, 8)),
    Row("Classify", (10,)),
    Row("Classify", (10, 4)),
    Row("Classify", (10, 3, 2, 0, 4), ((16, 8, 8), (24, 8, 8))),
    Row("Detect", (10,), LEVELS),
    Row("Detect", (150,), LEVELS, separable=True),
    Row("Detect", (1,), WIDE),
    Row("Detect", (10,), LEVELS, numbers=TWICE),
    Row("Detect", (10,), LEVELS, numbers={"reg_max": 8}),
    Row("Detect", (10,), LEVELS, anchors=Anchors(3)),
    Row("v10Detect", (10,), LEVELS),
    Row("Segment", (10,), LEVELS),
    Row("Segment", (10, 5, 40), LEVELS, numbers=TWICE),
    Row("Segment", (10, None, 5, 40), LEVELS, anchors=Anchors(3)),
    Row("Segment26", (10,), LEVELS, numbers=TWICE),
    Row("Segment26", (10, 5, 40), LEVELS),
    Row("Pose", (1,), LEVELS),
    Row("Pose", (2, (5, 2)), ((80, 4, 4),)),
    Row("Pose26", (1, (5, 3)), LEVELS, numbers=TWICE),
    Row("Pose26", (1,), ((400, 2, 2),)),
    Row("OBB", (10,), LEVELS),
    Row("OBB26", (10, 7), ((16, 4, 4),)),
    Row("RTDETRDecoder", (10, 16, 5, 2, 4, 2, 12), LEVELS),
    Row("RTDETRDecoder", ("nc",), ((16, 20, 20),), numbers={"nc": 3}),
]


def test_rows_hold_every_module_of_one_map() -> None:
    assert {row.word for row in ROWS} == set(MODULES) - {"CBFuse"}


def test_layers_of_modules_are_those_kept(request: pytest.FixtureRequest) -> None:
    lines = []
    for row in ROWS:
        lines += [row.title, *lines_of(row.graph(), costs=False)]
    hold(lines, Path(__file__).with_name("module_layers.txt"), request)


@each_of([((0, 1), (3, 6), [4, 2]), ((1, 0), (12, 2), [6])])
def test_chosen_maps_of_forks_are_enlarged_and_added(chosen, sides, factors):
    """The last map has 12 rows and columns."""
    net = Net((8, 12, 12))
    forks: list[tuple[Tensor, Tensor]] = []
    for side in sides:
        x = net.further_input((8, side, side), f"x{side}{len(forks)}")
        forks.append((x, x))
    given = RowArguments("idx", (tuple(chosen),), {})
    MODULES["CBFuse"].place(_context(net), (*forks, net.input), given)
    *_, total, _ = lines = list(lines_of(net.graph("net")))
    assert " = 8×12×12 add" in total
    assert [int(n) for n in re.findall(r"scale=(\d+)", "\n".join(lines))] == factors


def _context(net: Net) -> Context:
    return Context(net, ModelScale(), {}, False, None)


@each_of(
    [
        ("Conv", (), "c2 is not given; it must be a whole number of at least 1"),
        ("Conv", (0,), "c2 is 0; it must be a whole number of at least 1"),
        ("Conv", (8, 0), "k is 0; it must be a whole number of at least 1"),
        ("Conv", (8, 1, 0), "s is 0; it must be a whole number of at least 1"),
        ("Conv", (8, 1.5), "k is 1.5; it must be a whole number of at least 1"),
        ("Conv", (8, 1, 1, None, 1, 1, True, 4), "it takes c2, k, s, p, g, d, act, and 8 are"),
        ("Identity", (1,), "it takes nothing, and 1 are given"),
        ("Conv", (8, 1, 1, None, 1, 1, "x"), "act is 'x'; it must be True or False"),
        ("Upsample", (None, 2, "cubic"), "mode is 'cubic'; it must be one of nearest, bilinear"),
        ("Upsample", ((8, 8), 2), "scale_factor is 2; it must be null: nothing else is known here"),
        ("Upsample", ((8,),), "size is [8]; it must be a list of 2 whole numbers"),
        ("ZeroPad2d", ((1, 2, 3),), "sides is [1, 2, 3]; it must be a list of 4 whole numbers"),
        ("ZeroPad2d", (3,), "sides is 3; it must be a list of 4 whole numbers"),
        ("SPP", (8, ()), "k is []; it must be a list of whole numbers"),
        ("SPP", (8, (1.5,)), "k is [1.5]; it must be a list of whole numbers"),
        ("C2", (8, True, 1, 0), "e is 0; it must be a number above 0"),
        ("C2", (8, True, 0), "g is 0; it must be a whole number of at least 1"),
        ("RepConv", (8, 5), "k is 5; it must be 3: nothing else is known here"),
        ("Bottleneck", (16, True, 1, (3, 5)), "k is [3, 5]; it must be [3, 3]"),
        ("ResNetLayer", (3, 8), "c1 is 3; it must be 16: nothing else is known here"),
        ("C2PSA", (24,), "c2 makes 24 of 16 channels; it must keep their number"),
        ("Concat", (2,), "dimension is 2; it must be 1: nothing else is known here"),
    ]
)
def test_arguments_that_do_not_fit_are_told(word, values, message):
    with pytest.raises(ShapeError, match=re.escape(message)):
        Row(word, values).graph()


@each_of([((16, 4, 4), 0, "takes map 0 of a CBLinear"), (None, 2, "takes map 2 of a CBLinear")])
def test_fuse_needs_the_map_of_a_fork(alone, index, message):
    net = Net((8, 4, 4))
    source = net.input if alone else (net.input, net.input)
    given = RowArguments("idx", ((index,),), {})
    with pytest.raises(ShapeError, match=message):
        MODULES["CBFuse"].place(_context(net), (source, net.input), given)
    with pytest.raises(ArgumentError):
        MODULES["CBFuse"].place(_context(net), (source, source, net.input), given)


@each_of(
    [
        (
            ModelScale("", 0.5, 0.25, 512),
            [(64, 16), (65, 24), (1024, 128)],
            [(1, 1), (3, 2), (6, 3)],
        ),
        (ModelScale(), [(64, 64), (65, 72), (2048, 2048)], [(1, 1), (2, 2), (0, 0)]),
        (ModelScale("", 0.1, 1.0), [(8, 8)], [(1, 1), (3, 1), (6, 1)]),
    ]
)
def test_scale_multiplies_channels_and_repeats(scale, channels, repeats):
    assert [(written, scale.channels(written)) for written, _ in channels] == channels
    assert [(written, scale.repeats(written)) for written, _ in repeats] == repeats


@each_of(
    [
        ("yolo11s.yaml", "s", "yolo11.yaml"),
        ("a/yolov8x-seg.yaml", "x", "a/yolov8-seg.yaml"),
        ("yolo11n/net.yaml", "", "yolo11n/net.yaml"),
        ("yolo11.yaml", "", "yolo11.yaml"),
        ("net.yaml", "", "net.yaml"),
    ]
)
def test_letter_of_a_name_is_its_scale(name, letter, without):
    assert (letter_in(name), without_letter(name)) == (letter, without)


MAY_BE_0 = {
    "A2C2f": "area", "AvgPool2d": "p", "BatchNorm2d": "channels", "C3Ghost": "g", "C3TR": "g",
    "Classify": "p", "Conv": "d g p", "ConvTranspose2d": "output_padding p", "DWConv": "d",
    "Focus": "g p", "MaxPool2d": "p", "RepNCSPELAN4": "n", "ResNetLayer": "e n",
}  # fmt: skip
"""Arguments that are not used, that may ask for nothing, or that the layer itself refuses."""


def _with(number: int) -> tuple[set[str], set[str]]:
    """Return the arguments that may be such a number, and those that may not, in any row."""
    taken, refused = set(), set()
    for row in ROWS:
        module = (ANCHORED if row.anchors else MODULES)[row.word]
        pairs = zip(module.arguments.split(), row.values, strict=False)
        for place, (name, value) in enumerate(pairs):
            if type(value) is int:
                values = (*row.values[:place], number, *row.values[place + 1 :])
                argument = f"{row.word} {name}"
                try:
                    row._replace(values=values).graph()
                    taken.add(argument)
                except ArgumentError:
                    refused.add(argument)
                except (ShapeError, ZeroDivisionError):
                    taken.add(argument)
    return taken, refused


def test_least_of_each_argument_is_1_but_where_nothing_may_be_asked_for():
    _, refused = _with(1)
    assert refused == {"RepConv k", "ResNetLayer c1"}
    taken, _ = _with(0)
    assert taken == {f"{word} {name}" for word, names in MAY_BE_0.items() for name in names.split()}
