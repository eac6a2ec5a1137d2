"""Receptive fields: published ones, those of the zoo, and pixels traced through random graphs."""

import random
from collections.abc import Callable
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.receptive_field import extent, receptive_fields
from bncalc.model.graph import Graph, Node
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.ops.joining import Add
from bncalc.model.pattern import Window
from bncalc.model.reach import Reach
from bncalc.model.shape import Shape, Unsized


def field(graph: Graph) -> Reach:
    return receptive_fields(graph).output


def written(text: str, tmp_path: Path) -> Graph:
    path = tmp_path / "network.yaml"
    path.write_text(text)
    return bncalc.load(str(path))[0]


@pytest.mark.parametrize(
    ("network", "size", "padding"), [("vgg16", 212, 90), ("inception_v3", 1311, 618)]
)
def test_published_fields_strides_and_paddings(network: str, size: int, padding: int) -> None:
    """github.com/google-research/receptive_field, README: the same networks in TF-slim."""
    reach = field(shipped.graph(network))
    assert (reach.size, reach.stride) == ((size, size), (32, 32))
    assert reach.padding == (padding, padding)


def test_alexnet_is_padded_by_two_more_than_in_tf_slim() -> None:
    """There the first convolution has no padding: 195, 32 and 64."""
    reach = field(shipped.graph("alexnet"))
    assert (reach.size, reach.stride, reach.padding) == ((195, 195), (32, 32), (64 + 2, 64 + 2))


def test_mobilenet_v1_padded_as_tensorflow_does(tmp_path: Path) -> None:
    """TF-slim: 315, 32 and 126. Padding `same` adds nothing before an even map at stride 2."""
    assert field(shipped.graph("mobilenet_v1")).padding == (157, 157)
    file = Path(bncalc.__file__).parent / "zoo" / "mobilenet_v1.yaml"
    text = file.read_text(encoding="utf-8").replace("act: relu}", "act: relu, padding: same}")
    reach = field(written(text, tmp_path))
    assert reach.size == (315, 315)
    assert reach.padding == (126, 126)


SLIM = """
input: [3, 224, 224]
defaults: {{act: relu}}
layers:
  - conv: {{out: 64, kernel: 7, stride: 2, padding: 3}}
  - max_pool: {{kernel: 3, stride: 2, padding: same}}
{stages}
"""


def slim_resnet(depths: tuple[int, ...]) -> str:
    """TF-slim's resnet_v1: the stride is in the last unit of each of the first three stages."""
    stages = []
    for i, (depth, mid) in enumerate(zip(depths, (64, 128, 256, 512), strict=True)):
        unit = f"mid: {mid}, out: {4 * mid}"
        stages.append(f"  - {{bottleneck: {{{unit}}}, repeat: {depth - (i < 3)}}}")
        if i < 3:
            stages.append(f"  - bottleneck: {{{unit}, stride: 2}}")
    return SLIM.format(stages="\n".join(stages))


@each_of(
    [
        ((3, 4, 6, 3), 483, 239),
        ((3, 4, 23, 3), 1027, 511),
        ((3, 8, 36, 3), 1507, 751),
        ((3, 24, 36, 3), 1763, 879),
    ],
    ids=["50", "101", "152", "200"],
)
def test_resnets_with_the_strides_of_tf_slim(
    depths: tuple[int, ...], size: int, padding: int, tmp_path: Path
) -> None:
    """github.com/google-research/receptive_field, README."""
    reach = field(written(slim_resnet(depths), tmp_path))
    assert (reach.size, reach.stride) == ((size, size), (32, 32))
    assert reach.padding == (padding, padding)


def test_where_resnet50_has_its_strides_is_56_pixels() -> None:
    """One 3×3 of each later stage works at the finer stride: 2·4 + 2·8 + 2·16 fewer."""
    assert field(shipped.graph("resnet50")).size == (427, 427) == (483 - 56, 483 - 56)


def test_resnet50_with_the_stride_on_the_1x1(tmp_path: Path) -> None:
    """He et al. 2015: every 3×3 of a stage works at the coarser stride, as in TF-slim."""
    stages = []
    for i, (depth, mid) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True)):
        if i:
            stages.append("  - max_pool: {kernel: 1, stride: 2}")
        stages.append(f"  - bottleneck: {{mid: {mid}, out: {4 * mid}}}\n    repeat: {depth}")
    assert field(written(SLIM.format(stages="\n".join(stages)), tmp_path)).size == (483, 483)


@each_of(
    [
        ("googlenet", 379, "window"),
        ("resnet18", 435, "window"),
        ("resnet34", 899, "window"),
        ("resnet101", 971, "window"),
        ("resnet152", 1451, "window"),
        ("squeezenet1_0", 155, "window"),
        ("densenet121", 2071, "window"),
        ("xception", 1083, "window"),
        ("mobilenet_v1", 315, "window"),
        ("mobilenet_v2", 491, "window"),
        ("mobilenet_v3_large", 595, "context"),
        ("shufflenet_v2_x1_0", 527, "window"),
        ("efficientnet_b0", 851, "context"),
        ("convnext_tiny", 1688, "window"),
        ("ghostnet", 1171, "context"),
        ("repvgg_a0", 535, "window"),
        ("repvgg_a0_deploy", 535, "window"),
        ("acnet_vgg16_deploy", 212, "window"),
    ]
)
def test_fields_of_the_zoo(network: str, size: int, scope: str) -> None:
    reach = field(shipped.graph(network))
    assert (reach.size, reach.scope) == ((size, size), scope)


@each_of(
    [
        ([("conv", 3, 1)] * 3, 7),  # 1 + 2 + 2 + 2
        ([("conv", 7, 2), ("max_pool", 3, 2)], 11),  # 7 + 2·2
        ([("conv", 11, 4), ("max_pool", 3, 2), ("conv", 5, 1)], 51),  # 11 + 4·2 + 8·4
    ],
)
def test_chains_by_hand(layers: list[tuple[str, int, int]], size: int) -> None:
    net = Net(Shape(1, 64, 64))
    x = net.input
    for word, kernel, stride in layers:
        if word == "conv":
            x = net.conv(x, 1, kernel, stride=stride)
        else:
            x = net.op(word, x, kernel=kernel, stride=stride)
    assert field(net.graph("chain")).size == (size, size)


def test_height_and_width_are_apart() -> None:
    reach = field(bncalc.block("conv", (1, 20, 20), out=1, kernel=[1, 7], stride=[1, 2]))
    assert (reach.size, reach.stride, reach.padding) == ((1, 7), (1, 2), (0, 3))


def test_dilation_spreads_the_taps() -> None:
    assert field(bncalc.block("conv", (1, 20, 20), out=1, dilation=4)).size == (9, 9)


def test_what_takes_the_whole_map_has_no_window() -> None:
    graph = shipped.graph("resnet50")
    fields = receptive_fields(graph)
    last = fields.nodes[-1]
    assert (last.scope, last.size, last.stride, last.padding) == ("whole", None, None, None)
    assert graph.nodes[fields.answer].path == "stage4/2/relu"


def test_one_position_is_the_whole_of_its_map() -> None:
    """A linear layer on a 1×1 map that convolutions made still has the window of that map."""
    net = Net(Shape(1, 7, 7))
    net.op("linear", net.conv(net.input, 4, 7, padding=0), out=10)
    assert field(net.graph("head")).size == (7, 7)


def test_a_gate_is_context_and_does_not_widen_the_field() -> None:
    net = Net(Shape(16, 14, 14))
    net.op("squeeze_excitation", net.conv(net.input, 16, 3), ratio=4)
    reach = field(net.graph("gated"))
    assert (reach.size, reach.scope) == ((3, 3), "context")


def test_self_attention_sees_the_whole_map() -> None:
    net = Net(Shape(16, 7, 7))
    x = net.op("attention", net.conv(net.input, 16, 3), heads=2)
    fields = receptive_fields(net.graph("attending"))
    assert fields.nodes[x.node].scope == "whole"
    assert fields.output.size == (3, 3)


def test_branches_of_other_strides_have_no_common_window() -> None:
    net = Net(Shape(1, 5, 5))
    strided = net.conv(net.input, 1, 3, stride=2)
    cut = net.conv(net.input, 1, 3, padding=0)
    net.conv(net.add(strided, cut), 1, 3)
    fields = receptive_fields(net.graph("unclear"))
    assert (fields.unclear, fields.off_centre) == ((3,), ())
    assert (fields.output.scope, fields.output.size) == ("unclear", None)


@pytest.mark.parametrize("made", [Unsized(), Shape(1, 25)])
def test_what_a_map_without_sizes_or_of_fewer_axes_sees_is_unclear(made: Shape) -> None:
    net = Net(Shape(1, 5, 5))
    net.place(Foreign(Facts("other.thing", made, like=Add())), net.input, net.conv(net.input, 1))
    assert field(net.graph("others")).scope == "unclear"


def test_branches_of_other_centres_are_joined_and_named() -> None:
    net = Net(Shape(1, 8, 8))
    net.add(net.input, net.conv(net.input, 1, 2, padding="same"))  # pixel i, and i with i + 1
    fields = receptive_fields(net.graph("off"))
    assert fields.off_centre == (2,)
    assert (fields.output.size, fields.output.padding) == ((2, 2), (0, 0))


def test_branches_of_the_same_centres_and_unclear_ones_are_not_off_centre() -> None:
    assert receptive_fields(bncalc.block("basic", (4, 8, 8))).off_centre == ()
    net = Net(Shape(1, 8, 8))
    shuffled = net.op("transpose", net.input)
    net.add(net.input, net.conv(net.input, 1, 2, padding="same"), shuffled)
    assert receptive_fields(net.graph("unclear")).off_centre == ()


def test_an_upsampled_map_has_a_stride_of_half_a_pixel() -> None:
    reach = field(bncalc.block("upsample", (1, 4, 4), scale=2))
    assert (reach.size, reach.stride) == ((1, 1), (Fraction(1, 2), Fraction(1, 2)))


def test_a_pattern_too_long_to_follow_is_unclear() -> None:
    net = Net(Shape(1, 3, 3))
    net.op("upsample", net.op("upsample", net.input, scale=4000), scale=4000)
    assert field(net.graph("huge")).scope == "unclear"
    assert field(bncalc.block("upsample", (1, 1, 1), scale=10**9)).scope == "unclear"


# The oracle: along one axis, the set of pixels that each position depends on, traced through real
# loops over positions; None for a position that any padding has reached.

Pixels = list[frozenset[int] | None]


def gathered(source: Pixels, wanted: list[int]) -> frozenset[int] | None:
    found: frozenset[int] = frozenset()
    for position in wanted:
        seen = source[position] if 0 <= position < len(source) else None
        if seen is None:
            return None
        found |= seen
    return found


def scattered(size: int, pairs: list[tuple[int, int]], source: Pixels) -> Pixels:
    """Send input positions to the output positions that they add to."""
    wanted: list[list[int]] = [[] for _ in range(size)]
    for position, output in pairs:
        if 0 <= output < size:
            wanted[output].append(position)
    return [gathered(source, position) for position in wanted]


def at(sizes: tuple[int, ...], axis: int) -> int:
    """Return the size along one axis; one number is that of all."""
    return sizes[axis] if len(sizes) > 1 else sizes[0]


def slide(node: Node, axis: int, source: Pixels, size: int) -> Pixels:
    op = vars(node.op)
    kernel, dilation, padding = at(op["kernel"], axis), at(op["dilation"], axis), op["padding"]
    stride = at(op["stride"] or op["kernel"], axis)
    if padding == "same":
        before = max((size - 1) * stride + dilation * (kernel - 1) + 1 - len(source), 0) // 2
    else:
        before = dilation * (kernel - 1) // 2 if padding == "default" else at(padding, axis)
    return [
        gathered(source, [i * stride + k * dilation - before for k in range(kernel)])
        for i in range(size)
    ]


def transpose(node: Node, axis: int, source: Pixels, size: int) -> Pixels:
    op = vars(node.op)
    kernel, stride, padding = (at(op[name], axis) for name in ("kernel", "stride", "padding"))
    reached = range(-kernel, len(source) + kernel)
    pairs = [(i, i * stride + k - padding) for i in reached for k in range(kernel)]
    return scattered(size, pairs, source)


def repeat(node: Node, axis: int, source: Pixels, size: int) -> Pixels:
    factor = size // len(source)
    return scattered(
        size, [(i, i * factor + k) for i in range(len(source)) for k in range(factor)], source
    )


def interpolate(node: Node, axis: int, source: Pixels, size: int) -> Pixels:
    mode, n = vars(node.op)["mode"], len(source)
    sources = []
    for i in range(size):
        centre = Fraction((2 * i + 1) * n, 2 * size) - Fraction(1, 2)
        near = [k for k in range(floor(centre), floor(centre) + 2) if abs(centre - k) < 1]
        if mode == "nearest":
            near = [i * n // size]
        if mode == "bicubic":
            near = [floor(centre) + k for k in (-1, 0, 1, 2)]
        sources.append(gathered(source, near))
    return sources


def adapt(node: Node, axis: int, source: Pixels, size: int) -> Pixels:
    n = len(source)
    within = [
        [k for k in range(n) if k < (i + 1) * n / size and k + 1 > i * n / size]
        for i in range(size)
    ]
    return [gathered(source, position) for position in within]


def blocks(node: Node, axis: int, source: Pixels, size: int) -> Pixels:
    factor = vars(node.op)["factor"]
    return [gathered(source, [i * factor + k for k in range(factor)]) for i in range(size)]


def move(node: Node, axis: int, source: Pixels, size: int) -> Pixels:
    by = at(vars(node.op)["size"], axis) * (1 if node.op.word == "crop" else -1)
    return [gathered(source, [i + by]) for i in range(size)]


TRACES: dict[str, Callable[[Node, int, Pixels, int], Pixels]] = {
    "conv": slide,
    "max_pool": slide,
    "avg_pool": slide,
    "conv_transpose": transpose,
    "upsample": interpolate,
    "pixel_shuffle": repeat,
    "space_to_depth": blocks,
    "adaptive_avg_pool": adapt,
    "pad": move,
    "crop": move,
}


def traced(graph: Graph, axis: int) -> list[Pixels]:
    found: list[Pixels] = []
    for node in graph.nodes:
        size = node.output[1 + axis]
        if not node.inputs:
            found.append([frozenset((i,)) for i in range(size)])
        elif node.op.word in TRACES:
            found.append(TRACES[node.op.word](node, axis, found[node.inputs[0]], size))
        else:
            sources = [found[i] for i in node.inputs]
            joined = []
            for i in range(size):
                seen = [source[i] for source in sources]
                joined.append(
                    None
                    if None in seen
                    else frozenset().union(*[pixels for pixels in seen if pixels])
                )
            found.append(joined)
    return found


def random_step(net: Net, rng: random.Random, maps: list[Tensor]) -> Tensor:
    x = rng.choice(maps[-4:])
    axes = x.shape.axes

    def each(*choices: int) -> tuple[int, ...]:
        return tuple(rng.choice(choices) for _ in range(axes))

    sizes = each(1, 2, 3, 4)
    word = rng.choice(
        ["conv", "conv", "conv", "pool", "join", "join", "grow", "adaptive", "shift", "relu"]
    )
    if word == "conv":
        dilation, stride = each(1, 1, 2, 3), each(1, 1, 2, 3)
        paddings: list[str | tuple[int, ...]] = ["default", "default", each(1, 0), "same"]
        return net.conv(x, 4, sizes, stride=stride, dilation=dilation, padding=rng.choice(paddings))
    if word == "pool":
        kind = rng.choice(["max_pool", "avg_pool"])
        return net.op(kind, x, kernel=sizes, stride=rng.choice([1, 2, None]), padding=0)
    if word == "join":
        kernel = rng.choice((each(1, 3, 5), 2, 4))
        beside = net.conv(x, 4, kernel, padding=rng.choice(["default", "same"]))
        alike = [map for map in (*maps, beside, beside, beside) if map.shape == x.shape]
        return rng.choice([net.add, net.concat])(x, rng.choice(alike))
    if word == "grow":
        modes = ["nearest", "bilinear", *["bicubic"] * (axes == 2)]
        kind = rng.choice([*modes, "conv_transpose", "pixel_shuffle"])
        if kind == "conv_transpose":
            step = rng.randint(1, 3)
            kernel = rng.randint(step, 4)
            return net.op(kind, x, out=4, kernel=kernel, stride=step, padding=kernel // 2)
        if kind == "pixel_shuffle":
            return net.op(kind, net.conv(x, 4 * 2**axes, 1), factor=2)
        if rng.random() < 0.5:
            sizes = tuple(rng.randint(max(1, n // 2), 2 * n) for n in x.shape.space)
            return net.op("upsample", x, size=sizes, mode=kind)
        return net.op("upsample", x, scale=each(1, 2, 3), mode=kind)
    if word == "adaptive":
        return net.op("adaptive_avg_pool", x, size=tuple(rng.randint(8, 20) for _ in range(axes)))
    if word == "shift":
        return net.op(rng.choice(["pad", "crop"]), x, size=each(0, 1, 2))
    return net.op("relu", x)


def random_graph(seed: int, axes: int) -> Graph:
    rng = random.Random(seed)
    net = Net(Shape(4, *[rng.randint(40, 60) for _ in range(axes)]))
    maps = [net.input]
    for _ in range(rng.randint(2, 9)):
        try:
            step = random_step(net, rng, maps)
        except bncalc.ShapeError:
            continue
        if max(step.shape) < 400:
            maps.append(step)
    return net.graph(str(seed))


def agrees(window: Window, pixels: Pixels) -> int:
    """Compare the interval of every position that no padding has reached; return how many."""
    clean = [(i, seen) for i, seen in enumerate(pixels) if seen]
    for i, seen in clean:
        assert (window.start(i), window.stop(i)) == (min(seen), max(seen)), i
    return len(clean)


@each_of([1, 2, 3])
def test_windows_hold_the_pixels_that_were_traced(axes: int) -> None:
    compared = joined = off_centre = 0
    for seed in range(90 // axes):
        graph = random_graph(seed, axes)
        fields = receptive_fields(graph)
        off_centre += len(fields.off_centre)
        for axis in range(axes):
            pixels = traced(graph, axis)
            for node, reach, seen in zip(graph.nodes, fields.nodes, pixels, strict=True):
                if reach.slides:
                    window = reach.windows[axis]
                    assert window is not None
                    compared += agrees(window, seen)
                    joined += len(node.inputs) > 1
    assert compared > 10_000
    assert joined > 20
    assert off_centre > 5


def test_the_field_of_a_volume() -> None:
    """A 3×3×3 with a stride of 2 along the first axis, behind a 1×7×7 with strides of 2."""
    net = Net(Shape(1, 16, 112, 112))
    x = net.conv(net.input, 4, (3, 7, 7), stride=(1, 2, 2))
    net.conv(x, 4, 3, stride=(2, 1, 1))
    reach = field(net.graph("volume"))
    assert (reach.size, reach.stride) == ((5, 11, 11), (2, 2, 2))


def test_an_axis_can_be_taken_whole_by_itself() -> None:
    """A mean along an axis takes it whole; what follows still slides along the other."""
    rows = Reach((Window((0,), (0,), 1), None))
    assert (rows.size, rows.stride, rows.padding) == ((1, None), (1, None), (0, None))
    through = rows.through(Reach((Window((-1,), (1,), 1), Window((-1,), (1,), 1))))
    assert (through.size, through.scope) == ((3, None), "window")
    assert through.through(Reach((None, Window((0,), (0,), 1)))).scope == "whole"


def test_sizes_are_written_as_whole_numbers_and_fractions_as_floats() -> None:
    (*sizes,) = map(repr, extent((3, Fraction(1, 2), None)) or ())
    assert sizes == ["3", "0.5", "None"]
    assert extent(()) is extent(None) is None


def test_a_vector_has_no_field() -> None:
    report = bncalc.measure(bncalc.block("linear", (64,), out=8), also=["receptive_field"])
    assert report.numbers()["receptive_field"] is None


def test_a_mean_along_an_axis_takes_it_whole_and_serves_the_map_again() -> None:
    """Coordinate attention's pools: rows by themselves, columns by themselves, joined again."""
    net = Net(Shape(4, 20, 30))
    x = net.conv(net.input, 4, 3)
    columns = net.op("mean", x, over="height")
    assert columns.shape == (4, 1, 30)
    net.op("multiply", x, columns)
    fields = receptive_fields(net.graph("strips"))
    assert [reach.size for reach in fields.nodes[1:]] == [(3, 3), (None, 3), (3, 3)]
    assert [reach.scope for reach in fields.nodes[1:]] == ["window", "window", "context"]


@each_of(
    [
        # 3 columns of the map, and 5 of what was pooled of them
        ((4, 20, 30), 3, "height", (1, 5), (3, 7)),
        # 3 rows of one, of which no other row is made
        ((4, 1, 30), 1, "width", (3, 1), (3, 1)),
    ]
)
def test_what_was_pooled_along_one_axis_widens_the_field_along_the_other(
    sizes: tuple[int, ...], first: int, over: str, kernel: tuple[int, int], size: tuple[int, int]
) -> None:
    net = Net(Shape(*sizes))
    x = net.conv(net.input, 4, first)
    net.op("multiply", x, net.conv(net.op("mean", x, over=over), 4, kernel))
    reach = field(net.graph("strips"))
    assert (reach.size, reach.scope) == (size, "context")


def test_a_mean_over_channels_reads_each_position_by_itself() -> None:
    assert field(bncalc.block("mean", (4, 20, 30), over="channels")).size == (1, 1)


def test_one_row_that_serves_two_takes_the_height_whole() -> None:
    """Each of both rows is multiplied by what was seen of both."""
    net = Net(Shape(4, 2, 30))
    x = net.conv(net.input, 4, 1)
    net.op("multiply", x, net.op("mean", x, over="height"))
    fields = receptive_fields(net.graph("two rows"))
    assert [reach.size for reach in fields.nodes[1:]] == [(1, 1), (None, 1), (1, 1)]
    assert fields.output.scope == "context"


def test_a_row_that_serves_all_rows_is_seen_whole_by_each() -> None:
    net = Net((4, 8, 8))
    row = net.op("conv", net.input, out=4, kernel=(8, 3), padding=(0, 1))
    net.op("add", net.input, row)
    fields = receptive_fields(net.graph("net"))
    assert (fields.nodes[1].size, fields.nodes[2].size) == ((8, 3), (1, 3))
    assert fields.nodes[2].scope == "context"


def test_of_several_outputs_the_last_is_the_networks() -> None:
    net = Net((4, 8, 8))
    net.conv(net.input, 4, 5)
    net.conv(net.input, 4, 3)
    fields = receptive_fields(net.graph("net"))
    assert (fields.path, fields.answer) == ("conv2", 2)
