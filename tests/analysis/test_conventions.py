"""Every tool's total, to the unit, against totals measured by running that tool."""

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.conventions import CONVENTIONS, TERMS, Tallies, account
from bncalc.analysis.rules import counted
from bncalc.model.cost import Cost
from bncalc.model.graph import Aside, Graph, Told
from bncalc.model.net import Net
from bncalc.model.op import Op
from bncalc.model.ops.activation import Sqrt
from bncalc.model.ops.attention import FusedAttention
from bncalc.model.ops.convolution import Conv
from bncalc.model.ops.foreign import EachMap, Facts, Foreign
from bncalc.model.ops.joining import Multiply
from bncalc.model.ops.pooling import AdaptiveAvgPool, AvgPool
from bncalc.model.ops.resizing import Upsample
from bncalc.model.registry import OPS, find
from bncalc.model.shape import Shape

HERE = Path(__file__).parent


def test_a_trace_leaves_out_what_leads_to_no_output() -> None:
    net = Net(Shape(8, 6, 10))
    net.build(find("conv")(out=4, kernel=1), net.input)
    net.build(find("batch_norm")(), net.input)
    graph = net.graph("unread")._replace(idle=frozenset([1]))
    totals = {name: account(graph, CONVENTIONS[name]).total for name in ("fvcore", "torchprofile")}
    assert totals == {"fvcore": 960, "torchprofile": 480}
    report = bncalc.measure(graph, bncalc.Assumptions(convention="fvcore"), also=("convention",))
    assert report.result(Tallies).tools[0].layers == (0, 960)
    assert account(graph, CONVENTIONS["thop"]).total == 8 * 4 * 60 + 1920


def measured() -> list[tuple[str, str, int]]:
    """Return the totals that each tool printed for torchvision's models and timm's HRNet."""
    with (HERE / "measured.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (row["network"], tool, int(total))
        for row in rows
        for tool, total in row.items()
        if tool != "network" and total
    ]


@pytest.mark.parametrize("table", ["observed.csv", "measured.csv"])
def test_every_tool_that_can_be_run_has_been(table: str) -> None:
    with (HERE / table).open(encoding="utf-8", newline="") as file:
        columns = csv.DictReader(file).fieldnames
    run = [tool.name for tool in CONVENTIONS.values() if "(read, not run)" not in tool.source]
    assert {*run} - {*(columns or ())} == {"bncalc"}


ELSEWHERE = {
    # torchvision runs the 1×1 convolutions of ConvNeXt as linear layers, and says so to these two.
    ("convnext_tiny", "torchinfo"),
    ("convnext_tiny", "calflops"),
    # Its norms between stages are a class of torchvision's, derived from the norm that this knows.
    ("convnext_tiny", "ultralytics-thop"),
}


@each_of(measured())
def test_a_total_is_the_tools_own(network: str, tool: str, total: int) -> None:
    counted = account(shipped.graph(network), CONVENTIONS[tool])
    assert counted.unobserved == ()
    assert (counted.total == total) is ((network, tool) not in ELSEWHERE)


@pytest.mark.parametrize(
    ("network", "fvcore", "ptflops", "thop", "torchinfo"),
    [
        ("resnext50_32x4d", 4_259_381_248, 4_286_878_696, 4_288_184_320, 4_230_549_096),
        ("vgg16", 15_470_289_408, 15_523_225_576, 15_470_314_496, 15_483_821_032),
    ],
)
def test_networks_outside_the_table(
    network: str, fvcore: int, ptflops: int, thop: int, torchinfo: int
) -> None:
    """Totals seen when the tools were run on further networks."""
    graph = shipped.graph(network)
    tools = ("fvcore", "ptflops", "thop", "torchinfo")
    counted = tuple(account(graph, CONVENTIONS[tool]).total for tool in tools)
    assert counted == (fvcore, ptflops, thop, torchinfo)


@each_of(
    [("resnet50", 4_089_185_256), ("efficientnet_b0", 385_825_092), ("regnet_x_400mf", None)],
)
def test_pycls_prints_products_and_bias(network: str, published: int | None) -> None:
    """pycls, dev/model_complexity.json; its RegNets have other widths than torchvision's head."""
    graph = shipped.graph(network)
    counted = account(graph, CONVENTIONS["pycls"])
    assert counted.total == (published or bncalc.measure(graph).totals.macs + 1000)


def test_terms_of_resnet50_by_hand() -> None:
    counted = account(shipped.graph("resnet50"), CONVENTIONS["ptflops"])
    norm, relu, max_pool, mean = 2 * 11_113_984, 2 * 9_608_704, 2 * 802_816, 2 * 100_352
    assert dict(zip(TERMS, counted.terms, strict=True)) == {
        "core": 4_089_184_256,
        "bias": 1_000,
        "norm": norm,
        "activation": relu,
        "pooling": max_pool + mean,
        "other": 0,
    }


def test_transposed_convolutions_by_output_are_stride_squared_too_many() -> None:
    graph = bncalc.block("conv_transpose", (8, 10, 10), out=4, kernel=2, stride=2)
    right = account(graph, CONVENTIONS["fvcore"]).total
    assert account(graph, CONVENTIONS["thop"]).total == 4 * right == 4 * 8 * 4 * 4 * 100


def test_a_batch_multiplies_every_term() -> None:
    # torchinfo on a 1×1 convolution of 8 channels and a batch norm: 2,320 and, of two, 4,640.
    graph = bncalc.block("conv", (8, 6, 6), out=8, kernel=1, norm="batch")
    totals = [account(graph, CONVENTIONS["torchinfo"], batch).total for batch in (1, 2)]
    assumptions = bncalc.Assumptions(convention="torchinfo", batch=2)
    report = bncalc.measure(graph, assumptions, also=("convention",))
    assert sum(report.result(Tallies).tools[0].layers) == totals[1]
    assert totals == [2_320, 4_640]


@each_of(
    [
        # A layer's module is counted for one image, and the function within it for all three.
        ("conv", {"out": 4, "kernel": 1, "bias": True}, 8 * 4 * 30 + 4 * 30),
        ("relu", {}, 240 + 3 * 240),
        ("relu", {"called": "function"}, 3 * 240),
        ("silu", {}, 3 * 240),
        ("linear", {"out": 5, "each": True, "called": "matmul"}, 3 * 30 * 8 * 5),
        # Of 960 elements that a resizing makes, those of the first image are divided by all.
        ("upsample", {"scale": 2}, 960 // 3 + 3 * 960),
        ("upsample", {"scale": 3}, 2160 // 3 + 3 * 2160),
    ]
)
def test_ptflops_says_of_a_modules_batch_what_an_image_costs(
    word: str, fields: dict[str, Any], total: int
) -> None:
    graph = bncalc.block(word, (8, 5, 6), **fields)
    assert account(graph, CONVENTIONS["ptflops"], batch=3).total == total


class Observation(NamedTuple):
    """What the tools counted for one layer, as the difference that it made to a model's total."""

    op: str
    fields: dict[str, Any]
    input: str
    counts: dict[str, int]

    def __str__(self) -> str:
        return f"{self.op} {self.fields} {self.input}"


def observations() -> list[Observation]:
    """Return what was measured, with torch 2.14 and the versions that conventions name."""
    with (HERE / "observed.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Observation(
            row.pop("op"),
            json.loads(row.pop("fields")),
            row.pop("input"),
            {tool: int(count) for tool, count in row.items() if count},
        )
        for row in rows
    ]


def graph_of(observation: Observation) -> Graph:
    """Return a graph whose last layer is the one that was observed, all its inputs the image."""
    net = Net(Shape(*map(int, observation.input.split("x"))))
    kind, x = find(observation.op), net.input
    inputs = [x] * (2 if kind.inputs is None else kind.inputs)
    if observation.op == "attention_mix":
        inputs[0] = net.op("attention_scores", x, x)
    if observation.op == "matmul":
        inputs[1] = net.further_input((x.channels, *reversed(x.shape.space)))
    net.build(kind(**observation.fields), *inputs)
    return net.graph(observation.op)


@each_of(observations(), ids=str)
def test_every_tool_counts_a_layer_as_it_was_seen_to(observation: Observation) -> None:
    graph = graph_of(observation)
    for tool, count in observation.counts.items():
        assumptions = bncalc.Assumptions(convention=tool)
        report = bncalc.measure(graph, assumptions, also=("convention",))
        layers = report.columns()["convention_total"]
        assert (layers[-1], report.numbers().get("convention_unobserved")) == (count, None), tool


ATTENTION = FusedAttention(heads=2, areas=3, called="attention")
COMPLEX = Foreign(
    Facts(
        "conv",
        Shape(8, 4, 8),
        Cost(weights=576, biases=8, macs=3 * 18_432),
        family="product",
        like=Conv(out=8, kernel=3, padding=0, bias=True, called="complex").on((Shape(8, 6, 10),)),
    )
)
PRODUCT = Facts("bmm", Shape(8, 4, 8), Cost(macs=500), family="product", called="function_heir")
BY_HAND = [
    # a product in attention derived from PyTorch's is torch.bmm to all that replace that
    (Foreign(PRODUCT), 8, (4, 8), (4, 8), "ptflops", 500),
    (Foreign(PRODUCT), 8, (4, 8), (4, 8), "ultralytics-thop", 500),
    # 8 channels, 3×3, become 8 of 4×8: three products of real numbers for a complex one and two
    # sums of its bias are run; calflops takes all for real
    (COMPLEX, 8, (6, 10), (4, 8), "ptflops-aten", 3 * 18_432 + 2 * 8 * 32),
    (COMPLEX, 8, (6, 10), (4, 8), "calflops", 2 * 18_432 + 8 * 32),
    # 5 windows of 3 along a sequence of 10, the first of which begins with a position of padding;
    # and a division for each
    (AvgPool(kernel=3, stride=2), 8, (10,), (5,), "ultralytics-thop", 8 * (5 * 3 + 5)),
    (AvgPool(kernel=3, stride=2, count_padding=False), 8, (10,), (5,), "ultralytics-thop",
     8 * (5 * 3 - 1 + 5)),
    # 2·8·8 elements to 2·7·7: ((8/7)² + 1) · 98 is 226, and in floating point a little less
    (AdaptiveAvgPool(size=7), 2, (8, 8), (7, 7), "thop", 225),
    (AdaptiveAvgPool(size=7), 2, (8, 8), (7, 7), "calflops", 128),
    # neighbours on one axis and on two; of a volume thop knows none, and its heir 13·2 + 5 steps
    (Upsample(mode="bilinear"), 8, (4,), (8,), "thop", 5 * 8 * 8),
    (Upsample(mode="bilinear"), 8, (4, 3), (8, 6), "thop", 11 * 8 * 48),
    (Upsample(mode="bilinear"), 8, (4, 3, 2), (8, 6, 4), "thop", 0),
    (Upsample(mode="bilinear"), 8, (4, 3, 2), (8, 6, 4), "ultralytics-thop", 31 * 8 * 192),
    # 12 queries of 8 channels, scaled, meet the 4 keys and values of their area; and scores by head
    (ATTENTION, 8, (3, 4), (3, 4), "ptflops", 2 * 8 * 12 * 4 + 8 * 12 + 2 * 12 * 4),
    # the softmax of 4 scores for each head and query: 4 exponentials, 3 sums, 4 divisions
    (ATTENTION, 8, (3, 4), (3, 4), "ultralytics-thop", 2 * 8 * 12 * 4 + 2 * 12 * (4 + 3 + 4)),
]  # fmt: skip


@each_of(BY_HAND)
def test_a_rule_counts_what_is_counted_by_hand(
    op: Op, channels: int, space: tuple[int, ...], made: tuple[int, ...], tool: str, total: int
) -> None:
    inputs = (Shape(channels, *space),) * (op.inputs or 1)
    assert sum(n for _, n in counted(op, inputs, Shape(channels, *made), tool)) == total


def test_a_tool_has_no_number_for_a_model_that_it_fails_at() -> None:
    fails = {
        "out_given": {"calflops", "calflops-macs", "fvcore", "ptflops", "ptflops-aten"},
        "inferred": {"ptflops-aten"},
        "masked": {"torchinfo"},
        "unregistered": {"fvcore"},
        "unlearned": {"calflops", "calflops-macs"},
    }
    for word, tools in fails.items():
        net = Net(Shape(8, 6, 10))
        net.build(find("conv")(out=4, kernel=1), net.input)
        aside = Aside(Foreign(Facts(word, Shape(1))), (), Shape(1))
        graph = net.graph("obstacle")._replace(asides=(aside,))
        found = {name for name, tool in CONVENTIONS.items() if account(graph, tool).unobserved}
        assert found - {"keras", "pycls", "torchprofile"} == tools, word
        assert account(graph, CONVENTIONS["torchprofile"]).unobserved == (
            (word,) if word in ("out_given", "unregistered") else ()
        )


def test_scores_are_of_queries_and_keys_and_softmax_has_a_row_for_each_query() -> None:
    queries, keys = Shape(8, 6), Shape(8, 12)
    # 2 products of 6 queries of 8 channels with the 4 keys of their area; and 2 heads' softmax
    total = 2 * 8 * 6 * 4 + 2 * 6 * (3 * 4 - 1)
    terms = counted(ATTENTION, (queries, keys, keys), queries, "ultralytics-thop")
    assert sum(n for _, n in terms) == total


def test_a_tool_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(bncalc.UsageError, match=r"'thopp' \(did you mean 'thop'"):
        bncalc.measure(shipped.graph("resnet18"), bncalc.Assumptions(convention="thopp"))


def test_every_op_has_been_observed() -> None:
    kinds = {word: find(word) for word in OPS}
    observed = {observation.op for observation in observations()}
    ops = {word for word, kind in kinds.items() if issubclass(kind, Op)}
    assert ops - observed == {
        "drop_path",
        "space_to_depth",
        "parameter",
        "reshape",
    }  # which run nothing at all


def test_what_nobody_has_seen_is_named_and_not_guessed() -> None:
    graph = bncalc.block("prelu", (8, 4, 4), called="method")
    counted = account(graph, CONVENTIONS["pycls"])
    assert (counted.total, counted.unobserved) == (0, ("prelu:method",))
    assert account(graph, CONVENTIONS["bncalc"]).unobserved == ()


def test_a_layer_that_is_done_to_several_maps_counts_as_often() -> None:
    """Five maps of 3×8×8 through a convolution of 4 channels, as PyTorch does frames."""
    conv, x, y = Conv(out=4, kernel=3), Shape(3, 8, 8), Shape(4, 8, 8)
    macs = 3 * 9 * 4 * 64
    each = EachMap(5, (x,), y)
    frames = Foreign(
        Facts("conv", Shape(4, 5, 8, 8), Cost(108, macs=5 * macs), like=conv, each=each)
    )
    for tool, number in (("fvcore", macs), ("torch", 2 * macs), ("thop", macs)):
        assert sum(n for _, n in counted(conv, (x,), y, tool)) == number
        terms = counted(frames, (Shape(3, 5, 8, 8),), Shape(4, 5, 8, 8), tool)
        assert sum(n for _, n in terms) == 5 * number, tool


AGAIN = [
    # a convolution of 8 maps of 4 × 4 to 4, 512 MACs and 64 biases, in three places: thop adds up
    # what it has seen three times as often, three times; calflops and ptflops what they have seen
    # once, two times more
    ("conv", {"out": 4, "kernel": 1, "bias": True}, "thop", 512 * 9),
    ("conv", {"out": 4, "kernel": 1, "bias": True}, "ptflops", 576 * 3),
    ("conv", {"out": 4, "kernel": 1, "bias": True}, "calflops", (1024 + 64) * 3),
    ("conv", {"out": 4, "kernel": 1, "bias": True}, "ultralytics-thop", 512),
    ("conv", {"out": 4, "kernel": 1, "bias": True}, "torchinfo", 576),
    # ptflops counts 128 elements of the module in each place, and those of the function once
    ("relu", {}, "ptflops", 128 * 3 + 128),
    ("relu", {}, "calflops", 128 * 3),
]


@each_of(AGAIN)
def test_a_layer_in_several_places_is_counted_again(
    word: str, fields: dict[str, Any], tool: str, total: int
) -> None:
    graph = bncalc.block(word, (8, 4, 4), **fields)
    node = graph.nodes[1]
    aside = Aside(node.op, graph.input_shapes(node), node.output, 3, in_module=True)
    again = graph._replace(asides=(aside,))
    assert account(again, CONVENTIONS[tool]).total == total
    # of a batch ptflops says of a module what one image costs, and of a function what all do
    of_two = {"conv": total, "relu": 128 * 3 + 128 * 2}[word] if tool == "ptflops" else 2 * total
    assert account(again, CONVENTIONS[tool], 2).total == of_two


def test_products_beside_layers_are_those_of_a_trace_where_there_is_one() -> None:
    aside = Aside(Multiply(), (Shape(5),), Shape(5), multiplies=True)
    graph = bncalc.block("relu", (8, 4, 4))._replace(asides=(aside,))
    tool = CONVENTIONS["torchprofile"]
    for asked, total, unobserved in (
        (None, 5, ()),
        (lambda: 7, 7, ()),
        (lambda: 0, 0, ()),
        (lambda: None, 0, ("products_of_sizes",)),
    ):
        counted = account(graph._replace(ask_products=asked), tool, batch=2)
        assert (counted.total, counted.unobserved) == (total, unobserved)


def test_what_is_known_of_a_call_goes_before_the_rule_of_its_op() -> None:
    graph = bncalc.block("upsample", (8, 5, 6), size=(6, 7))
    told = (
        # 240 elements by a factor of 1.3 on both axes, and 336 of the module's first image
        Told("ptflops", 1, 240 * 1.3**2, 336),
        Told("calflops", 1, 42, in_any_batch=True),
        Told("ptflops", 0, 7, 5),
        Told("torchprofile", 1, None),
    )
    graph = graph._replace(told=told)
    for batch, ptflops in ((1, 405 + 336 + 12), (3, 1216 + 336 // 3 + 12)):
        assert account(graph, CONVENTIONS["ptflops"], batch).total == ptflops
        assert account(graph, CONVENTIONS["calflops"], batch).total == 42
        assert account(graph, CONVENTIONS["fvcore"], batch).total == batch * 336
    assert account(graph, CONVENTIONS["torchprofile"]).unobserved == ("upsample",)


def test_what_is_no_layer_is_counted_beside_them_once_for_any_batch() -> None:
    plain = bncalc.block("relu", (8, 4, 4))
    asides = (Aside(Multiply(), (Shape(5),), Shape(5)), Aside(Sqrt(), (Shape(3),), Shape(3)))
    graph = plain._replace(asides=asides)
    for batch in (1, 4):
        assert account(graph, CONVENTIONS["torchprofile"], batch).total == 5
        assumptions = bncalc.Assumptions(convention="torchprofile", batch=batch)
        report = bncalc.measure(graph, assumptions, also=("convention",))
        assert report.numbers()["convention_total"] == 5
        assert report.columns()["convention_total"] == (0,)
    assert account(graph, CONVENTIONS["keras"]).unobserved == ("sqrt",)
    assert bncalc.measure(graph).totals == bncalc.measure(plain).totals
