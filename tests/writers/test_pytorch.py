"""PyTorch out: module files that are Python and that a person would own; with PyTorch, that run."""

import ast
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests import shipped
from tests.program import run
from tests.rows import each_of
from tests.work import calls

import bncalc
from bncalc.analysis.difference import difference
from bncalc.analysis.measurement import measure
from bncalc.model.graph import Graph
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.ops.joining import Multiply
from bncalc.model.shape import Shape
from bncalc.writers.model_comparison import against_model
from bncalc.writers.pytorch.layout import Layout, LayoutItem, align
from bncalc.writers.pytorch.module import module_file
from bncalc.zoo import MODELS

has_torch = importlib.util.find_spec("torch") is not None


def graph_of(name: str) -> Graph:
    return shipped.graph(name)


def classes(source: str) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


RESNET18 = """\
class Basic(nn.Module):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        with_shortcut: bool = False,
    ) -> None:
        super().__init__()
        self.with_shortcut = with_shortcut
        self.conv1 = nn.Conv2d(
            in_channels, out_channels, 3, stride=stride, padding=1, bias=False
        )
        self.conv1_norm = nn.BatchNorm2d(out_channels)
        self.conv1_act = nn.ReLU()
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.conv2_norm = nn.BatchNorm2d(out_channels)
        if with_shortcut:
            self.shortcut = nn.Conv2d(
                in_channels, out_channels, 1, stride=stride, bias=False
            )
            self.shortcut_norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1_act(self.conv1_norm(self.conv1(x)))
        y = self.conv2_norm(self.conv2(y))
        if self.with_shortcut:
            x = self.shortcut_norm(self.shortcut(x))
        y = y + x
        return self.relu(y)


class Resnet18(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.stem_norm = nn.BatchNorm2d(64)
        self.stem_act = nn.ReLU()
        self.max_pool = nn.MaxPool2d(3, 2, padding=1)
        self.stage1 = nn.Sequential(
            Basic(in_channels=64, out_channels=64),
            Basic(in_channels=64, out_channels=64),
        )
        self.stage2 = nn.Sequential(
            Basic(in_channels=64, out_channels=128, stride=2, with_shortcut=True),
            Basic(in_channels=128, out_channels=128),
        )
        self.stage3 = nn.Sequential(
            Basic(in_channels=128, out_channels=256, stride=2, with_shortcut=True),
            Basic(in_channels=256, out_channels=256),
        )
        self.stage4 = nn.Sequential(
            Basic(in_channels=256, out_channels=512, stride=2, with_shortcut=True),
            Basic(in_channels=512, out_channels=512),
        )
        self.global_avg_pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(512, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem_act(self.stem_norm(self.stem(x)))
        x = self.max_pool(x)
        x = self.stage1(x)
        x = self.stage2(x)
        x = self.stage3(x)
        x = self.stage4(x)
        x = self.global_avg_pool(x)
        return self.head(x.flatten(1))
"""


def test_a_block_is_a_class_that_a_person_would_write() -> None:
    source = module_file(graph_of("resnet18"))
    assert source.partition("import Tensor, nn\n\n\n")[2] == RESNET18
    assert "bncalc" not in "\n".join(source.splitlines()[1:])


def pyramid() -> Graph:
    net = Net((8, 8, 8))
    with net.part("stage", "pyramid"):
        for i in range(7):
            net.output(net.conv(net.input, 8, 1, name=f"lateral_convolution_{i}"))
    return net.graph("net")


@each_of(
    [
        *map(graph_of, ["resnet50", "densenet121", "googlenet", "yolov5n", "mlperf_tiny_ad"]),
        pyramid(),
    ],
    ids=lambda graph: graph.name,
)
def test_files_are_python_no_line_too_long_and_no_name_unbound(graph: Graph) -> None:
    source = module_file(graph)
    assert max(map(len, source.splitlines())) <= 88
    tree = ast.parse(source)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {name.asname or name.name for node in imports for name in node.names}
    assert imported == {"Tensor", "nn", "torch", "F", "Any"} & {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
    }
    for kind in classes(source).values():
        forward = next(f for f in kind.body if getattr(f, "name", "") == "forward")
        assert isinstance(forward, ast.FunctionDef)
        known = {argument.arg for argument in forward.args.args} | {"torch", "F"}
        for statement in forward.body:
            if isinstance(statement, ast.For):
                known |= {ast.unparse(statement.target)}
            loads = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
            assert all(n.id in known for n in loads if isinstance(n.ctx, ast.Load))
            known |= {n.id for n in loads if isinstance(n.ctx, ast.Store)}


def test_no_layer_takes_the_place_of_what_a_module_has() -> None:
    net = Net((3, 8, 8))
    x = net.input
    for name in ("forward", "train", "to", "class", "_modules", "__init__", "layer7", "values"):
        x = net.conv(x, 4, name=name)
    (kind,) = classes(module_file(net.graph("net"))).values()
    attributes = [node for node in ast.walk(kind) if isinstance(node, ast.Attribute)]
    names = {node.attr for node in attributes if isinstance(node.ctx, ast.Store)}
    assert names == {"forward_", "train_", "to_", "class_", "layer_modules", "layer__init__",
                     "layer7", "values"}  # fmt: skip


def test_names_that_begin_with_a_number_are_keys_and_take_no_method_of_what_has_them() -> None:
    net = Net((3, 8, 8))
    x = net.input
    for name in ("7", "1a", "values"):
        x = net.conv(x, 4, name=name)
    source = module_file(net.graph("net"))
    assert "class Net(nn.ModuleDict):" in source
    assert '        x = self["7"](x)\n        x = self["1a"](x)\n' in source
    assert "        return self.values_2(x)\n" in source


def test_no_class_and_no_map_takes_the_place_of_what_the_file_uses() -> None:
    net = Net((8, 4, 4))
    x = net.input
    for word in ("tensor", "f", "none"):
        with net.part(word, word):
            x = net.act(net.conv(x, 8), "relu")
    y = net.conv(x, 8, name="y")
    scores = net.op("attention_scores", x, y, name="attention_scores", heads=2)
    net.op("attention_scores", net.op("attention_mix", scores, y), x, heads=2)
    net.output(scores)
    source = module_file(net.graph("net"))
    assert list(classes(source)) == ["Tensor2", "F2", "None2", "Net"]
    assert "attention_scores = " not in source


def test_the_class_of_a_network_is_what_the_model_is_called() -> None:
    for name, kind in (
        ("resnet50@3,224,224", "Resnet50"),
        ("create_model@model_name=vit_tiny_patch16_224@3,224,224", "VitTinyPatch16_224"),
        ("net", "Net"),
    ):
        net = Net((3, 8, 8))
        net.conv(net.input, 4)
        assert f"\nclass {kind}(nn.Module):\n" in module_file(net.graph(name))


def test_a_network_of_numbered_layers_is_a_class_itself() -> None:
    net = Net((3, 8, 8))
    net.op("relu", net.conv(net.input, 4, name="0"), name="1")
    source = module_file(net.graph("net"))
    assert list(classes(source)) == ["Net"]
    assert 'self["0"] = nn.Conv2d(3, 4, 3, padding=1, bias=False)' in source


def test_somebody_elses_operation_of_our_name_has_no_line() -> None:
    graph = bncalc.block("custom", (6, 8, 8), op="mean", out=[6])
    with pytest.raises(bncalc.UsageError, match="mean at mean: "):
        module_file(graph)


def test_a_norm_of_each_map_needs_two_positions() -> None:
    assert "nn.InstanceNorm2d(6)" in module_file(bncalc.block("instance_norm", (6, 1, 2)))
    with pytest.raises(bncalc.UsageError, match="to normalise a map of a single position"):
        module_file(bncalc.block("instance_norm", (6, 1, 1)))


def test_equal_blocks_share_a_class_and_say_what_differs() -> None:
    assert list(classes(module_file(graph_of("resnet50")))) == ["Bottleneck", "Resnet50"]
    assert len(classes(module_file(graph_of("mobilenet_v1")))) == 2


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (((4, 8), (6, 9)), ["mid_channels", "out_channels"]),
        (((4, 8, 3), (6, 9, 3)), ["in_channels", "mid_channels", "conv2_channels"]),
        (
            ((4, 9, 5), (7, 10, 8)),
            ["in_channels", "mid_channels", "conv2_channels", "out_channels"],
        ),
    ],
)
def test_widths_of_a_class_are_named_by_what_they_are(
    rows: tuple[tuple[int, ...], ...], names: list[str]
) -> None:
    net = Net((8, 6, 6))
    x = net.input
    for number, widths in enumerate(rows):
        with net.part("block", f"part{number}"):
            for width in widths:
                x = net.op("conv", x, out=width)
    (begun, *_) = classes(module_file(net.graph("net")))["Block"].body
    assert isinstance(begun, ast.FunctionDef)
    assert [argument.arg for argument in begun.args.args] == ["self", *names]


ATTENTION = """\
class Attention(nn.Module):
    def __init__(self, in_features: int, size: int) -> None:
        super().__init__()
        self.in_features = in_features
        self.size = size
        self.linear = nn.Linear(in_features, 3 * in_features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.linear(x.movedim(1, -1)).movedim(-1, 1)
        y = x[:, : self.in_features]
        slice2 = x[:, self.in_features : 2 * self.in_features]
        y = attention_scores(y, slice2, self.in_features // 8)
        return attention_mix(y, x).reshape(
            -1, 3 * self.in_features, self.size, self.size
        )
"""


def test_an_argument_of_an_optional_layer_is_that_of_a_part_that_has_it() -> None:
    """Of two wrapped pairs the first lacks the layer; the default is the kernel of another pair."""
    net = Net((4, 16, 16))

    def pair(x: Tensor, kernel: int, name: str) -> Tensor:
        with net.part("pair", name):
            x = net.op("conv", x, name="first", out=4, kernel=1)
            return net.op("conv", x, name="longer", out=4, kernel=kernel) if kernel else x

    x = pair(net.input, 3, "a")
    for name, kernel in (("b", 0), ("c", 5)):
        with net.part("wrapped", name):
            x = net.op("relu", pair(x, kernel, "pair"))
    source = module_file(net.graph("net"))
    assert "self.pair = Pair(kernel=5, padding=2, with_longer=with_longer)" in source


def in_parts(*layers: dict[str, dict[str, Any]]) -> str:
    """Return the file of parts of one word, each the layers of one of these."""
    net = Net((12, 8, 8))
    x = net.input
    for each in layers:
        with net.part("unit"):
            for at, (word, fields) in enumerate(each.items()):
                x = net.op(word, x, name=f"layer{at}", **fields)
    return module_file(net.graph("net"))


def test_an_activation_is_an_argument_where_parts_have_unlike_ones() -> None:
    conv = {"out": 12, "kernel": 1}
    text = in_parts({"conv": conv, "relu": {}}, {"conv": conv, "silu": {}})
    assert list(classes(text)) == ["Unit", "Net"]
    assert "    def __init__(self, activation: type[nn.Module]) -> None:\n" in text
    assert "nn.SiLU()" not in text
    assert "self.unit2 = Unit(activation=nn.SiLU)" in text
    assert "nn.GELU()" in in_parts({"conv": conv, "gelu": {}})
    slopes = in_parts({"leaky_relu": {"slope": 0.1}}, {"leaky_relu": {}})
    assert "def __init__(self, negative_slope: float = 0.01)" in slopes


def test_pads_that_differ_are_arguments() -> None:
    crop = {"size": 1}
    pads = [{"size": [1, size, 1, size]} for size in (2, 3)]
    text = in_parts({"pad": pads[0], "crop": crop}, {"pad": pads[1], "crop": crop})
    assert list(classes(text)) == ["Unit", "Net"]
    assert "F.pad(x, (1, self.padding, 1, self.padding))" in text


def test_of_many_equal_parts_one_is_so_many_positions() -> None:
    for parts, call in ((4, "x.chunk(4, 1)[2]"), (24, "x[:, 4:6]")):
        net = Net((48, 4, 4))
        net.op("split", net.input, parts=parts, part=2)
        assert call in module_file(net.graph("net"))


def test_an_argument_of_two_types_has_the_plainer_one_first() -> None:
    net = Net((4, 8, 8))
    x = net.input
    for name, kernel in (("a", 3), ("b", (3, 5))):
        with net.part("unit", name):
            x = net.act(net.op("conv", x, out=4, kernel=kernel), "relu")
    arguments = "self, kernel: int | tuple[int, int], padding: int | tuple[int, int]"
    assert arguments in module_file(net.graph("net"))


def test_numbers_in_calls_are_worked_out_from_the_arguments_of_a_class() -> None:
    net = Net((16, 8, 8))
    x = net.input
    for width in (16, 32):
        x = net.op("conv", x, out=width, kernel=1, stride=2)
        with net.part("attention", f"part{width}"):
            x = net.op("linear", x, out=3 * width, each=True)
            queries = net.op("slice", x, stop=width)
            keys = net.op("slice", x, start=width, stop=2 * width)
            scores = net.op("attention_scores", queries, keys, heads=width // 8)
            x = net.op("attention_mix", scores, x)
    source = module_file(net.graph("net"))
    assert ATTENTION in source
    assert "self.part32 = Attention(in_features=32, size=2)" in source


def test_a_class_keeps_the_argument_that_only_a_square_is_worked_out_from() -> None:
    net = Net((4, 4, 4))
    x = net.input
    for groups in (2, 4):
        with net.part("windows"):
            x = net.op("conv", x, out=4, kernel=1, groups=groups)
            x = net.op("reshape", x, to=(64 // groups**2, groups**2, 1))
            x = net.op("reshape", x, to=(4, 4, 4))
    (kind, *_) = module_file(net.graph("net")).split("class Net")
    assert "def __init__(self, groups: int, size: int) -> None:" in kind
    assert "        self.groups = groups\n" in kind
    assert "x.reshape(-1, self.size, self.groups**2, 1)" in kind


DENSE = """\
class DenseLayer(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.body = nn.Conv2d(in_channels, 4, 3, padding=1, bias=False)

    def forward(self, *maps: Tensor) -> Tensor:
        x = torch.cat(maps, 1)
        return self.body(x)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        for i in range(3):
            self.add_module(f"layer{i + 1}", DenseLayer(in_channels=8 + 4 * i))

    def forward(self, x: Tensor) -> Tensor:
        maps = [x]
        for layer in self.children():
            maps.append(layer(*maps))
        return torch.cat(maps, 1)
"""


def test_layers_that_join_however_many_maps_are_one_class_and_their_maps_a_list() -> None:
    net = Net((8, 4, 4))
    maps = [net.input]
    for number in (1, 2, 3):
        with net.part("dense_layer", f"layer{number}"):
            x = net.op("concat", *maps) if number > 1 else net.input
            maps.append(net.conv(x, 4, name="body"))
    net.op("concat", *maps)
    assert module_file(net.graph("net")).endswith(DENSE)


def copied(counts: tuple[int, ...], grown: int = 4, *, read: bool = False) -> str:
    """Return the file of parts whose layers, so many each, read all maps of their part before."""
    net = Net((8, 4, 4))
    x = net.input
    for stage, count in enumerate(counts):
        with net.part("dense", f"stage{stage}"):
            maps = [x]
            for i in range(count):
                x = net.op("concat", *maps) if i else x
                with net.part("layer", f"{i}"):
                    maps.append(net.conv(x, grown if i == 1 else 4, name="body"))
            x = net.op("concat", *maps)
            x = net.op("concat", x, maps[1]) if read else x
    return module_file(net.graph("net"))


def test_parts_of_unlike_counts_of_copies_are_one_class_with_a_loop() -> None:
    text = copied((3, 5))
    assert list(classes(text)) == ["Layer", "Dense", "Net"]
    assert "self.stage0 = Dense(count=3, in_channels=8)" in text
    assert "self.stage1 = Dense(count=5, in_channels=20)" in text
    loop = "        for i in range(count):\n            self.add_module("
    assert f'{loop}f"{{i}}", Layer(in_channels=in_channels + 4 * i))' in text
    each = (
        "            maps.append(layer(x))\n            x = torch.cat(maps, 1)\n        return x\n"
    )
    assert each in text


def test_copies_are_a_loop_only_if_they_differ_by_even_steps_and_nothing_else_reads_them() -> None:
    assert "in self.children()" in copied((4,))
    for text in (copied((2,)), copied((4,), grown=5), copied((4,), read=True)):
        assert "in self.children()" not in text


def staged(counts: tuple[int, ...], *, widens: bool) -> str:
    """Return the file of stages of so many blocks in a row, the first of which may widen."""
    net = Net((4, 8, 8))
    x = net.input
    for stage, count in enumerate(counts):
        with net.part("stage", f"stage{stage}"):
            x = x if widens else net.conv(x, 2 * x.shape.channels, 1, name="down")
            with net.part("module", "blocks"):
                for i in range(count):
                    with net.part("block", f"{i}"):
                        width = 2 if widens and not i else 1
                        x = net.conv(x, width * x.shape.channels, name="body")
            x = net.op("max_pool", x, kernel=2, stride=2)
    return module_file(net.graph("net"))


def test_parts_whose_rows_are_of_unlike_lengths_are_one_class_with_a_count() -> None:
    text = staged((1, 3), widens=False)
    assert list(classes(text)) == ["Block", "Stage", "Net"]
    row = "self.blocks = nn.Sequential(\n            *(Block("
    assert f"{row}in_channels=2 * in_channels) for _ in range(count))\n        )" in text
    assert "self.stage1 = Stage(in_channels=8, count=3)" in text


def test_a_first_module_that_differs_from_the_others_of_its_row_stands_apart() -> None:
    text = staged((2, 4, 1), widens=True)
    assert list(classes(text)) == ["Block", "Stage", "Net"]
    assert "Block(in_channels=in_channels, out_channels=2 * in_channels),\n" in text
    assert "for _ in range(count)" in text
    assert "self.stage2 = Stage(in_channels=16, count=0)" in text


def test_copies_that_all_take_a_further_map_are_a_loop() -> None:
    net = Net((8, 4, 4))
    x, further = net.input, net.conv(net.input, 8)
    with net.part("blocks", "blocks"):
        for i in range(4):
            with net.part("block", f"{i}"):
                x = net.add(net.conv(x, 8), further)
    text = module_file(net.graph("net"))
    assert "        for layer in self.children():\n            x0 = layer(x0, x1)\n" in text


def branched(start: int, *, word: str = "module_list") -> str:
    """Return the file of parts on maps beside each other, numbered from a start on."""
    net = Net((8, 4, 4))
    one, other = net.input, net.conv(net.input, 8)
    with net.part(word, "branches"):
        for at, x in enumerate((one, other)):
            with net.part("sequential", f"{start + at}"):
                net.output(net.op("relu", net.conv(x, 8 + at, name="0"), name="1"))
    return module_file(net.graph("net"))


def test_the_file_says_where_numbers_are_zeros_that_are_not_learned() -> None:
    net = Net((8, 4, 4))
    maps = [net.op("parameter", shape=[8, 4, 4], learned=each) for each in (False, True)]
    net.add(net.input, *maps)
    text = module_file(net.graph("net"))
    comment = "# Fixed numbers are zeros here: copy the model's; a checkpoint may lack them.\n"
    assert f'{comment}        self.register_buffer("parameter1", ' in text
    assert text.count(comment) == 1


def test_modules_that_a_part_only_holds_are_called_by_the_part_around_it() -> None:
    text = branched(0)
    assert list(classes(text)) == ["Net"]
    assert "self.branches = nn.ModuleList(\n            [\n                nn.Sequential(" in text
    assert "        x = self.branches[0](x)\n        y = self.branches[1](y)\n" in text
    assert 'nn.ModuleDict(\n            {\n                "1": nn.Sequential(' in branched(1)
    assert '        x = self.branches["1"](x)\n' in branched(1)
    assert list(classes(branched(0, word="own"))) == ["Net"]


def test_a_part_of_one_map_that_has_a_name_of_its_own_stays_a_class() -> None:
    for word, found in (("module_list", ["Net"]), ("own", ["Own", "Net"])):
        net = Net((8, 4, 4))
        x = net.conv(net.input, 8)
        with net.part(word, "body"):
            net.conv(net.conv(x, 8, name="1"), 8, name="2")
        assert list(classes(module_file(net.graph("net")))) == found, word


def test_modules_on_a_shelf_within_another_are_called_by_their_path() -> None:
    net = Net((8, 4, 4))
    with net.part("module_list", "outer"), net.part("module_list", "1"):
        net.conv(net.input, 8, name="2")
    text = module_file(net.graph("net"))
    assert '        return self.get_submodule("outer.1.2")(x)\n' in text
    assert '{"1": nn.ModuleDict({"2": nn.Conv2d(8, 8, 3, padding=1, bias=False)})}\n' in text


def test_a_part_with_the_weights_of_another_is_its_module_once_more() -> None:
    source = module_file(graph_of("retinanet_resnet50_fpn"))
    assert source.count("= Head()") == 1
    calls = [line.strip() for line in source.splitlines() if "self.head3(" in line]
    assert calls[:2] == ["x, head3 = self.head3(x)", "p4, head4 = self.head3(p4)"]
    assert len(calls) == 5
    assert "head4" not in source.replace("p4, head4", "")


def paired(pairs: int) -> Graph:
    """Return a row of parts, each of them twice with the same weights."""
    net = Net((8, 8, 8))
    x = net.input
    for _ in range(pairs):
        start = len(net)
        with net.part("part"):
            x = net.act(net.conv(x, 8), "relu")
        with net.sharing(start, start + 1), net.part("part"):
            x = net.act(net.conv(x, 8), "relu")
    return net.graph("net")


def joined(count: int) -> Graph:
    net = Net((8, 4, 4))
    x = net.input
    for _ in range(count):
        x = net.concat(net.conv(x, 8, 1), net.conv(x, 8, 3))
    return net.graph("net")


def apart(count: int) -> Graph:
    """Return parts of one word of which each is a class of its own."""
    net = Net((8, 4, 4))
    x = net.input
    for number in range(count):
        with net.part("part", f"part{number}"):
            x = net.conv(x, 8, name=f"conv{number}")
    return net.graph("net")


@each_of([paired, joined, apart])
def test_each_of_many_parts_is_as_much_work_as_each_of_few(make: Callable[[int], Graph]) -> None:
    few, many = make(30), make(120)
    assert calls(lambda: module_file(many)) < 4.2 * calls(lambda: module_file(few))


def shared(size: int) -> Graph:
    net = Net((4, 8, 8))
    maps = [net.input, net.op("max_pool", net.input, kernel=2)]
    with net.part("head", "head1"):
        net.op("reshape", net.conv(maps[0], 4), to=[4, 64])
    with net.part("head", "head2"), net.sharing(2, 4):
        net.op("reshape", net.conv(maps[1], 4), to=[4, size])
    return net.graph("net")


def test_a_layer_with_the_weights_of_one_in_another_part_is_given_them() -> None:
    source = module_file(shared(16))
    assert "        self.head2.conv = self.head1.conv\n" in source


def test_modules_that_differ_share_their_states() -> None:
    net = Net((4, 8, 8))
    with net.part("a"):
        x = net.op("conv", net.input, out=4, kernel=1, bias=True)
    with net.part("b"), net.sharing(1, 2):
        net.op("conv", x, out=4, kernel=1, stride=2, bias=True)
    source = module_file(net.graph("net"))
    assert "self.b.conv.weight = self.a.conv.weight\n" in source
    assert "self.b.conv.bias = self.a.conv.bias\n" in source


def test_a_layer_with_the_weights_of_another_calls_its_module_wherever_that_is() -> None:
    net = Net((4, 8, 8))
    with net.part("body"):
        x = net.op("relu", net.conv(net.input, 4, name="0"), name="1")
    with net.part("class", "class"):
        first = len(net)
        x = net.conv(x, 4, name="0", norm="batch")
        with net.sharing(first, first + 2):
            x = net.conv(x, 4, name="1", norm="batch")
    with net.sharing(1, 2):
        net.conv(x, 4, name="last")
    source = module_file(net.graph("net"))
    assert '        x = self["0_norm"](self["0"](x))\n' in source
    assert '        return self["0_norm"](self["0"](x))\n' in source
    assert "        return self.body[0](x)\n" in source


REFUSED = """\
net cannot be written as PyTorch:
  odd at odd1 (2 times): bncalc cannot write this operation
  add at add: the numbers with which it changes its map are not known
  neg at neg1 (2 times): how it makes 4×8×8 from 3×8×8 is not known
  even at even: bncalc does not know this operation"""


def test_all_ops_that_have_no_line_are_one_error_with_the_reasons() -> None:
    net = Net((3, 8, 8))
    x = net.input
    for word in ("odd", "add", "odd"):
        x = net.place(Foreign(Facts(word, x.shape)), x)
    x = net.place(Foreign(Facts("neg", Shape(4, 8, 8))), x)
    x = net.place(Foreign(Facts("neg", Shape(5, 8, 8))), x)
    net.place(Foreign(Facts("even", x.shape, counted=False)), x)
    with pytest.raises(bncalc.UsageError) as refused:
        module_file(net.graph("net"))
    assert str(refused.value) == REFUSED


def test_export_writes_the_file_and_needs_no_pytorch() -> None:
    done = run("export", "resnet18")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == module_file(graph_of("resnet18"))


def test_one_model_is_held_against_another() -> None:
    assert run("verify", "resnet18", "resnet18").returncode == 0
    done = run("verify", "resnet18", "resnet34", COLUMNS="100")
    assert done.returncode == 1
    assert "11,689,512     21,797,672" in done.stdout
    same = against_model(*[graph_of("mobilenet_v1") for _ in range(2)])
    assert (same.agrees, same.compared) == (True, 82)


def test_a_layer_that_one_side_has_alone_shifts_no_other() -> None:
    graphs = []
    for widths in ((8, 8, 4, 2), (8, 4, 2)):
        net = Net((3, 8, 8))
        x = net.input
        for width in widths:
            x = net.conv(x, width)
        graphs.append(net.graph("net"))
    rows = against_model(*graphs).mismatches
    assert [(row.path, row.what) for row in rows if row.path != "total"] == [("conv2", "layer")]


@pytest.mark.skipif(has_torch, reason="this is what is said without PyTorch")
def test_without_pytorch_the_extra_is_named() -> None:
    done = run("verify", "resnet18")
    assert done.returncode == 2
    assert "pip install 'bncalc[torch]'" in done.stderr


def test_a_part_that_nothing_reads_gives_its_last_map() -> None:
    net = Net((3, 8, 8))
    with net.part("dead"):
        net.conv(net.conv(net.input, 4), 5)
    net.output(net.conv(net.input, 6))
    source = module_file(net.graph("net"))
    assert "-> tuple[]" not in source
    ast.parse(source)


def test_maps_whose_axes_do_not_belong_together_are_refused() -> None:
    net = Net((2, 64, 4, 4))
    y = net.further_input(Shape(2, 1, 64))
    facts = Facts("multiply", net.input.shape, like=Multiply())
    net.place(Foreign(facts), net.input, y)
    reason = "the axes of 2×64×4×4 and 2×1×64 cannot be matched in order"
    with pytest.raises(bncalc.UsageError, match=reason):
        module_file(net.graph("net"))


def test_an_average_without_its_padding_is_refused_where_pytorch_pads_apart() -> None:
    net = Net((3, 8, 8))
    net.op("avg_pool", net.input, kernel=3, stride=2, padding="same", count_padding=False)
    with pytest.raises(bncalc.UsageError, match="only if both ends have as much"):
        module_file(net.graph("net"))


@pytest.mark.frameworks
def test_a_learned_map_can_arrive_at_a_layer_of_the_twin() -> None:
    from bncalc.writers.pytorch.twin import twin

    net = Net((4, 6, 6))
    net.add(net.conv(net.op("parameter", shape=[4, 6, 6]), 4), net.input)
    assert [layer.macs for layer in twin(net.graph("net"))] == [0, 4 * 4 * 9 * 36, 0]


@pytest.mark.frameworks
@pytest.mark.parametrize("name", MODELS)
def test_the_twin_and_the_exported_file_cost_the_same(name: str) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from bncalc.writers.pytorch.twin import twin
    from bncalc.writers.verification import against_twin

    graph = graph_of(name)
    report = measure(graph)
    assert against_twin(report, twin(graph)).mismatches == ()
    names: dict[str, object] = {}
    source = module_file(graph)
    exec(compile(source, name, "exec"), names)
    kind = names[list(classes(source))[-1]]
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        module = kind().eval()  # type: ignore[operator]
        module(*[torch.empty(1, *node.output) for node in graph.nodes if node.op.word == "input"])
    assert sum(p.numel() for p in module.parameters()) == report.totals.params
    assert counter.get_total_flops() // 2 == report.totals.macs


@pytest.mark.frameworks
@pytest.mark.parametrize(
    "name", ["resnet18", "mobilenet_v3_small", "densenet121", "unet", "xception", "yolov5n"]
)
def test_an_exported_file_reads_back_as_itself(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = graph_of(name)
    monkeypatch.chdir(tmp_path)
    source = module_file(graph)
    Path(f"exported_{name}.py").write_text(source, encoding="utf-8")
    model = f"torch:exported_{name}:{list(classes(source))[-1]}"
    ours, theirs = measure(graph), measure(bncalc.network(model, input=graph.input))
    assert (theirs.totals, difference(ours, theirs).changes) == (ours.totals, ())


@pytest.mark.frameworks
def test_of_a_file_of_another_format_it_is_said_what_is_not_tested(tmp_path: Path) -> None:
    rows = "[[-1, 1, Conv, [8, 3, 2]]]"
    (tmp_path / "other.yaml").write_text(f"nc: 2\nbackbone: {rows}\nhead: {rows}\n")
    (tmp_path / "own.yaml").write_text("input: [3, 8, 8]\nlayers: [{conv: {out: 4}}]\n")
    for name, notes in (("other", 1), ("own", 0)):
        done = run("verify", str(tmp_path / f"{name}.yaml"))
        assert done.returncode == 0, done.stderr
        said = "this tests how layers are counted, not how the file was read; to test that"
        assert " ".join(done.stdout.split()).count(said) == notes


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("name", "renamed"),
    [
        ("Residual", {}),
        ("Windows", {"add1.table": "table", "add1.index": "index"}),
        ("Unusual", {f"{word}.{state}": f"{name}.{state}" for word,
         name in [*(("batch_norm", "batch"), ("group_norm", "group"), ("layer_norm", "layer")),
         *(("rms_norm1", "root"), ("rms_norm2", "plain_root"))] for state in ("weight", "bias",
         "running_mean",
         "running_var")} | {"batch_norm.num_batches_tracked": "batch.num_batches_tracked"}),
    ],
)  # fmt: skip
def test_an_exported_module_puts_out_what_the_model_of_pytorch_does(
    name: str, renamed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from tests.readers.torch import networks

    graph = bncalc.network(f"torch:tests.readers.torch.networks:{name}@3,16,16")
    monkeypatch.chdir(tmp_path)
    source = module_file(graph)
    Path(f"exported_{name}.py").write_text(source, encoding="utf-8")
    kind = list(classes(source))[-1]
    assert kind == name
    back = measure(bncalc.network(f"torch:exported_{name}:{kind}", input=graph.input))
    assert back.totals == measure(graph).totals
    model = getattr(networks, name)().eval()
    states = {
        key: torch.rand_like(each)
        for key, each in model.state_dict().items()
        if each.is_floating_point()
    }
    model.load_state_dict(states, strict=False)
    names: dict[str, Any] = {}
    exec(compile(source, name, "exec"), names)
    module = names[kind]().eval()
    known = model.state_dict()
    given = {key: known[renamed.get(key, key)] for key in module.state_dict()}
    for key, each in module.state_dict().items():
        is_turned = given[key].shape != each.shape and given[key].dim() == each.dim()
        given[key] = (given[key].T if is_turned else given[key]).reshape(each.shape)
    module.load_state_dict(given)
    x = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(module(x), model(x))


def test_each_reason_of_a_refusal_has_a_line_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [3, 8, 8]\nlayers:\n  - custom: {op: odd, out: [3, 8, 8]}\n"
        "  - custom: {op: even, out: [3, 8, 8]}\n"
        "  - custom: {op: conv, out: [3, 8, 8], params: 9}\n"
    )
    done = run("export", str(path))
    assert done.stderr.splitlines() == [
        "error: net cannot be written as PyTorch:",
        "  odd at custom1: bncalc cannot write this operation",
        "  even at custom2: bncalc cannot write this operation",
        "  conv at custom3: bncalc knows only what this one costs",
    ]


@pytest.mark.frameworks
def test_positions_that_a_module_turns_back_are_turned_back_in_its_export() -> None:
    """The sizes are the same in both orders; only the numbers tell them apart."""
    import torch
    from tests.readers.torch.networks import TurnedBack

    model = TurnedBack().eval()
    source = module_file(bncalc.network("torch:tests.readers.torch.networks:TurnedBack@16,8"))
    names: dict[str, Any] = {}
    exec(compile(source, "turned_back", "exec"), names)
    module = names["TurnedBack"]().eval()
    module.load_state_dict(model.state_dict())
    x = torch.rand(2, 16, 8)
    with torch.no_grad():
        torch.testing.assert_close(module(x), model(x))


def test_children_that_hold_a_shortcut_of_their_own_are_no_chain_that_a_flag_says() -> None:
    """All statements under a flag have one name; the map that the inner sum reads needs another."""
    given, first, made = (-1, 0), (0, 0), (2, 0)
    shorter = Layout(1, (LayoutItem("norm", (given,)),), (first,))
    chain = (
        LayoutItem("norm", (given,)),
        LayoutItem("scale", (first,)),
        LayoutItem("act", ((1, 0),)),
    )
    longer = Layout(1, (*chain, LayoutItem("add", ((1, 0), made))), ((3, 0),))
    assert align(Layout(1, chain, (made,)), shorter) is not None
    assert align(longer, shorter) is None


def test_parts_of_words_that_hold_each_other_are_as_few_classes_as_others() -> None:
    net = Net((4, 8, 8))
    x = net.input
    for outer, inner in 3 * [("a", "b"), ("b", "a")]:
        with net.part(outer), net.part(inner):
            x = net.conv(net.conv(x, 4), 4)
    found = classes(module_file(net.graph("net")))
    assert len(found) == 5, list(found)


@pytest.mark.parametrize("beside", [True, False])
def test_numbered_children_are_a_row_only_if_each_takes_what_the_one_before_gives(
    beside: bool,
) -> None:
    net = Net((8, 6, 6))
    x = net.conv(net.input, 8, 1)
    with net.part("pair"):
        y = net.conv(x, 8, 1, name="0")
        net.op("add", y, net.input if beside else x, name="1")
    source = module_file(net.graph("net"))
    assert "nn.Sequential" not in source
    assert "class Pair(nn.ModuleDict)" in source


def test_a_layer_called_after_one_that_it_does_not_read_is_not_put_around_it() -> None:
    net = Net((8, 6, 6))
    net.op("conv", net.input, out=8, name="conv")
    y = net.op("relu", net.input, name="conv.act")
    net.add(y, net.input)
    graph = net.graph("net")
    source = module_file(graph._replace(outputs=graph.outputs[-1:]))
    assert "self.conv_act(x)" in source


def test_a_numbered_child_that_takes_two_maps_is_no_row() -> None:
    net = Net((8, 6, 6))
    one, other = net.conv(net.input, 8), net.conv(net.input, 8)
    with net.part("pair"), net.part("module", "0"):
        net.add(net.conv(one, 8), other)
    source = module_file(net.graph("net"))
    assert "nn.Sequential" not in source
    assert "self.pair[0](y, x)" in source


@each_of(
    [("conv", {"out": 4, "kernel": 1}, True), ("relu", {}, True), ("slice", {"stop": 4}, False)],
)
def test_numbered_layers_are_a_row_only_if_each_is_a_module(
    word: str, fields: dict[str, Any], is_row: bool
) -> None:
    net = Net((8, 8, 8))
    with net.part("module", "body"):
        x = net.op(word, net.op("conv", net.input, out=8, kernel=1), **fields)
        net.op("conv", x, out=8, kernel=1)
    graph = net.graph("net")
    numbered = [node._replace(path=f"body/{at}") for at, node in enumerate(graph.nodes[1:])]
    source = module_file(graph._replace(nodes=(graph.nodes[0], *numbered)))
    assert ("nn.Sequential(" in source) is is_row
    assert ("x[:, :4]" in source) is (word == "slice")
