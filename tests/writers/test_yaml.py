"""The language out: files that a person would edit, and that are the same network when read."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.program import run
from tests.readers.onnx.encoder import file, node
from tests.readers.onnx.test_reader import quantised, tokens
from tests.rows import each_of
from tests.work import calls

import bncalc
from bncalc.model.cost import Cost
from bncalc.model.graph import Graph, MapView, Occupancy
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape
from bncalc.writers.onnx.file import model_bytes
from bncalc.writers.pytorch.module import module_file
from bncalc.writers.tree import tree
from bncalc.writers.yaml.file import model_file
from bncalc.zoo import MODELS

SAMPLE = (
    "googlenet_aux",  # parts for training alone
    "densenet121",  # joins of branches
    "retinanet_resnet50_fpn",  # shared weights, several outputs
    "hrnet_w18_small",  # blocks of several inputs and outputs
    "mobilevit_xxs",  # repeats within own blocks
    "repvgg_a0_deploy",  # a form for inference
    "convnext_tiny",  # a rate for each copy
    "yolo11n",
)


def figures(graph: Graph) -> list[tuple[object, ...]]:
    """Return all that a layer is and costs, in running order."""
    costs = [node.op.cost(graph.input_shapes(node), node.output) for node in graph.nodes]
    return [
        (n.path, n.op.word, n.inputs, n.output, n.training_only, n.weights_of, cost)
        for n, cost in zip(graph.nodes, costs, strict=True)
    ]


def again(graph: Graph, tmp_path: Path) -> Graph:
    path = tmp_path / "again.yaml"
    path.write_text(model_file(graph), encoding="utf-8")
    (read,) = bncalc.load(str(path))
    return read


def hold(graph: Graph, tmp_path: Path) -> None:
    other = again(graph, tmp_path)
    assert figures(other) == figures(graph)
    assert [each.node for each in other.outputs] == [each.node for each in graph.outputs]


@each_of(SAMPLE)
def test_what_is_written_is_read_as_the_same_network(name: str, tmp_path: Path) -> None:
    hold(bncalc.network(name), tmp_path)


@pytest.mark.whole
@pytest.mark.parametrize("name", MODELS)
def test_every_shipped_network_is_read_as_the_same(name: str, tmp_path: Path) -> None:
    hold(bncalc.network(name), tmp_path)


RESNET18 = """\
name: resnet18
input: [3, 224, 224]
defaults: {norm: batch, act: relu}
layers:
  - {id: stem, conv: {out: 64, kernel: 7, stride: 2}}
  - max_pool: {kernel: 3, stride: 2}
  - {id: stage1, basic: {out: 64}, repeat: 2}
  - {id: stage2, basic: {out: 128}, repeat: 2, first: {stride: 2}}
  - {id: stage3, basic: {out: 256}, repeat: 2, first: {stride: 2}}
  - {id: stage4, basic: {out: 512}, repeat: 2, first: {stride: 2}}
  - global_avg_pool
  - {id: head, linear: {out: 1000, bias: true}}
"""


def test_a_file_is_one_that_a_person_would_write() -> None:
    done = run("export", "resnet18", "--to", "yaml")
    assert (done.returncode, done.stderr) == (0, "")
    head, text = done.stdout.split("\n", 1)
    assert head.startswith("# resnet18, written by bncalc ")
    assert text == RESNET18


def test_an_input_of_the_name_of_a_layer_or_a_part_is_called_otherwise(tmp_path: Path) -> None:
    """As in `self.depth(depth)`; its name in a file or in code can be set by either."""
    nodes = [
        node("Conv", "rgb rgb.0.weight", "a", name="/rgb/rgb.0/Conv"),
        node("Relu", "a", "b", name="/rgb/rgb.1/Relu"),
        node("Conv", "depth depth.weight", "c", name="/depth/Conv"),
        node("Add", "b c", "y", name="/Add"),
    ]
    weights = {"rgb.0.weight": (8, 3, 1, 1), "depth.weight": (8, 1, 1, 1)}
    sizes = {"rgb": [1, 3, 4, 4], "depth": [1, 1, 4, 4]}
    path = file(tmp_path, nodes, weights, sizes)
    (graph,) = bncalc.load(path)
    assert [n.path for n in graph.nodes] == [
        "rgb_input", "depth_input", "rgb/0", "rgb/1", "depth", "add",
    ]  # fmt: skip
    written = bncalc.load(path, vars={"depth_input": (1, 4, 4)})[0]
    assert figures(written) == figures(graph)
    assert {"rgb_input", "depth_input"} < {node.path for node in again(graph, tmp_path).nodes}


def residual(block: str, x: str, width: int, *, projected: bool) -> list[bytes]:
    """The nodes of a residual block, as PyTorch's exporter names them."""
    name = block.replace("layer", "/layer").replace(".", "/layer1.", 1)
    nodes = [
        node("Conv", f"{x} {block}.conv1.weight", f"{block}a", name=f"{name}/conv1/Conv"),
        node("Relu", f"{block}a", f"{block}b", name=f"{name}/relu/Relu"),
        node("Conv", f"{block}b {block}.conv2.weight", f"{block}c", name=f"{name}/conv2/Conv"),
    ]
    skip = x
    if projected:
        skip = f"{block}d"
        weight = f"{block}.downsample.weight"
        nodes.append(node("Conv", f"{x} {weight}", skip, name=f"{name}/downsample/Conv"))
    add = node("Add", f"{block}c {skip}", f"{block}y", name=f"{name}/Add")
    return [*nodes, add]


def test_imported_blocks_with_and_without_a_projection_are_copies_of_one(tmp_path: Path) -> None:
    nodes = residual("layer1.0", "x", 8, projected=True)
    nodes += residual("layer1.1", "layer1.0y", 8, projected=False)
    nodes += residual("layer1.2", "layer1.1y", 8, projected=False)
    weights = {f"layer1.{i}.conv2.weight": (8, 8, 1, 1) for i in range(3)}
    weights |= {f"layer1.{i}.conv1.weight": (8, 8, 1, 1) for i in (1, 2)}
    weights |= {f"layer1.0.{name}.weight": (8, 3, 1, 1) for name in ("conv1", "downsample")}
    graph = bncalc.network(file(tmp_path, nodes, weights, outputs="layer1.2y"))
    assert model_file(graph).split("\n", 1)[1] == IMPORTED
    hold(graph, tmp_path)


IMPORTED = """\
name: net
input: [3, 8, 8]
define:
  block:
    args: {with_downsample: false}
    layers:
      - {id: conv1, conv: {out: 8, kernel: 1}}
      - {id: relu, relu: }
      - {id: conv2, conv: {out: =cin, kernel: 1}}
      - {id: downsample, from: in, conv: {out: 8, kernel: 1}, if: =with_downsample}
      - id: add
        add: {from: [conv2, downsample]}
        if: =with_downsample
        else: {add: {from: [conv2, in]}}
layers:
  - {id: layer1, block: , repeat: 3, first: {with_downsample: true}}
"""


def unlike(net: Net, join: bool) -> Graph:
    """Three copies in a row that have little in common; the last gives two maps, if none joins."""
    x = skip = net.input
    if join:
        skip = net.conv(skip, 8, 1)
    with net.part("stage", "s"):
        for i in range(3):
            with net.part("unit", str(i)):
                for _ in range(i + 1):
                    x = net.act(x, "relu") if i == 1 else net.conv(x, 8)
                if join:
                    x = net.op("multiply", x, skip) if i == 2 else net.add(x, skip)
                else:
                    skip = net.act(x, "silu") if i == 2 else skip
    net.add(net.act(x, "relu"), skip)
    return net.graph("net")


STAGES = """\
name: net
input: [4, 8, 8]
defaults: {norm: batch}
define: {conv_block: {args: {out: 16}, layers: [{conv: {out: =out}}]}}
layers:
  - id: stages
    stage:
      - {id: "0", conv_block: {out: 8}, repeat: 2}
      - {id: "1", conv_block: , repeat: 3}
      - {id: "2", stage: [{conv: {out: 4, norm: none}}, {conv: {out: 8, norm: none}}]}
"""


DENSE = """\
name: net
input: [8, 4, 4]
layers:
  - {id: layer, stage: [{concat: {from: [in, layer.*]}}, {id: body, conv: {out: 4}}], repeat: 3}
  - {id: end, concat: {from: [in, layer.*]}}
"""


def dense(*, read: int | None = None) -> Graph:
    """Three layers that each join all maps before; of one the map is read by itself, too."""
    net = Net((8, 4, 4))
    maps = [net.input]
    for number in (1, 2, 3):
        with net.part("dense_layer", f"layer{number}"):
            x = net.op("concat", *maps) if number > 1 else net.place(op_named("concat")(), *maps)
            maps.append(net.conv(x, 4, name="body"))
    if read is not None:
        maps.append(net.act(maps[read], "relu"))
    net.op("concat", *maps, name="end")
    return net.graph("net")


def test_parts_that_join_all_maps_before_them_are_a_stage_of_copies(tmp_path: Path) -> None:
    graph = dense()
    assert model_file(graph).split("\n", 1)[1] == DENSE
    other = again(graph, tmp_path)
    assert [each[1:] for each in figures(other)] == [each[1:] for each in figures(graph)]
    for read in (1, 2):
        hold(dense(read=read), tmp_path)
    assert "repeat: 3" in model_file(dense(read=3))


def test_copies_whose_numbers_have_another_digit_are_copies_too() -> None:
    net = Net((8, 4, 4))
    maps = [net.input]
    for number in range(8, 12):
        with net.part("dense_layer", f"layer{number}"):
            maps.append(net.conv(net.place(op_named("concat")(), *maps), 4, name="body"))
    net.op("concat", *maps, name="end")
    assert "repeat: 4" in model_file(net.graph("net"))


LEVELS = """\
name: levels
input: [8, 16, 16]
define:
  side: {layers: [{id: "1", conv: {out: 16, kernel: 1}}, {id: "2", batch_norm: }]}
  part:
    args: {conv1_out: , with_side: false}
    layers:
      - {id: conv1, conv: {out: =conv1_out, kernel: 1}}
      - {id: bn1, batch_norm: }
      - {id: conv2, conv: {out: "=conv1_out*4", kernel: 1}}
      - {id: bn2, batch_norm: }
      - {id: side, from: in, side: , if: =with_side}
      - {id: add, add: {from: [bn2, side]}, if: =with_side, else: {add: {from: [bn2, in]}}}
      - {id: act3, relu: }
  layer:
    layers:
      - {id: "0", stage: [{id: conv1, conv: {out: "=cin*2", stride: 2}}, {id: bn1, batch_norm: }]}
      - {id: "1", part: {conv1_out: "=cin/4"}}
layers:
  - {id: layer1, part: {conv1_out: 4}, repeat: 2, first: {with_side: true}}
  - layer
  - layer
"""


def test_parts_of_one_kind_are_one_block_whether_or_not_they_hold_others(tmp_path: Path) -> None:
    path = tmp_path / "levels.yaml"
    path.write_text(LEVELS, encoding="utf-8")
    assert model_file(bncalc.network(str(path))).split("\n", 1)[1] == LEVELS


NUMBERED = """\
name: net
input: [8, 4, 4]
define: {layer: {args: {out: }, layers: [{id: a, conv: {out: =out}}, {id: b, conv: {out: =cin}}]}}
layers:
  - layer: {out: 8}
  - layer: {out: 4}
  - layer: {out: 6}
"""


def test_parts_that_only_a_number_tells_apart_are_of_one_kind() -> None:
    net = Net((8, 4, 4))
    x = net.input
    for number, out in enumerate((8, 4, 6), start=1):
        with net.part("sequential", f"layer{number}"):
            x = net.conv(net.conv(x, out, name="a"), out, name="b")
    assert model_file(net.graph("net")).split("\n", 1)[1] == NUMBERED


def test_a_block_whose_many_arguments_all_differ_is_a_stage_where_it_is(tmp_path: Path) -> None:
    net = Net((8, 4, 4))
    x = net.input
    for name, width in (("a", 8), ("b", 16)):
        with net.part("unit", name):
            for i in range(1, 7):
                x = net.conv(x, width + i, 1 + 2 * ((width + i) % 2), name=f"layer{i}")
    text = model_file(net.graph("net"))
    assert "define:" not in text
    assert "  - id: b\n    stage:\n      - {id: layer1, conv: {out: 17}}\n" in text
    hold(net.graph("net"), tmp_path)


def test_rows_of_short_blocks_are_of_the_kind_that_has_a_projection_in_other_rows() -> None:
    net = Net((8, 4, 4))
    x = net.input
    for row, width in (("layer1", 8), ("layer2", 16)):
        with net.part("sequential", row):
            for copy in range(2):
                with net.part("unit", str(copy)):
                    y, skip = net.conv(x, width, name="body"), x
                    if x.channels != width:
                        with net.part("sequential", "down"):
                            skip = net.conv(x, width, 1, name="0")
                            skip = net.conv(skip, width, 1, name="1")
                            skip = net.conv(skip, width, 1, name="2")
                    x = net.add(y, skip)
    assert model_file(net.graph("net")).count("  unit") == 1


def test_the_head_says_where_a_run_held_other_maps_than_modules_would() -> None:
    net = Net((8, 4, 4))
    net.act(net.conv(net.input, 8), "relu")
    graph = net.graph("net")
    assert model_file(graph).count("#") == 1
    ran = graph._replace(lifetimes=(Occupancy(300, 0, 2),))
    assert model_file(ran).splitlines()[1:3] == [
        "# Its eager peak is 1,024 bytes, by its modules; PyTorch, which ran the",
        "# model's own code, held 1,200 bytes at most.",
    ]


def test_an_order_of_elements_that_a_file_cannot_say_is_not_written_as_code_from_it(
    tmp_path: Path,
) -> None:
    graph = bncalc.block("linear", (6, 4, 4), out=8, each=True)
    first, linear = graph.nodes
    views = (MapView(0, (6, 4, 4), (0, 2, 1)),)
    turned = graph._replace(nodes=(first, linear._replace(views=views)))
    assert "permute" in module_file(turned) or "transpose" in module_file(turned)
    assert again(graph, tmp_path).counts_only == ()
    read = again(turned, tmp_path)
    lost = "linear at linear: it reads its map in another order of elements"
    assert read.counts_only == (lost,)
    assert again(read, tmp_path).counts_only == (lost,)
    for write in (module_file, model_bytes):
        with pytest.raises(bncalc.UsageError) as refused:
            write(read)
        assert refused.value.details == [lost]


DUAL = """\
name: net
input: [8, 4, 4]
define:
  dual:
    layers:
      - {id: slice1, slice: {stop: 4}}
      - {id: slice2, from: in, slice: {start: 4}}
      - {id: body, from: in, conv: {out: 6}}
      - {id: slice3, slice: {stop: 4}}
      - {id: slice4, from: body, slice: {start: 4}}
      - {id: add, add: {from: [slice1, slice3]}}
      - concat: {from: [add, slice2, slice4]}
layers:
  - {id: a, dual: }
  - {id: b, dual: }
"""


def cut(x: Tensor, start: int, stop: int) -> Tensor:
    """Return some channels as readers do: an equal part of them wherever it is one."""
    size, whole = stop - start, x.channels
    if whole % size == start % size == 0:
        return x.net.op("split", x, parts=whole // size, part=start // size)
    return x.net.op("slice", x, start=start, stop=stop)


def test_cuts_at_one_number_are_slices_though_it_divides_some_of_the_channels() -> None:
    net = Net((8, 4, 4))
    x = net.input
    for name in "ab":
        with net.part("dual", name):
            first, second = cut(x, 0, 4), cut(x, 4, x.channels)
            y = net.conv(x, 6, name="body")
            third, fourth = cut(y, 0, 4), cut(y, 4, 6)
            x = net.concat(net.add(first, third), second, fourth)
    assert model_file(net.graph("net")).split("\n", 1)[1] == DUAL


def test_stages_of_other_lengths_are_repeats_and_named_after_what_holds_them() -> None:
    net = Net((4, 8, 8))
    x = net.input
    with net.part("sequential", "stages"):
        for stage, (depth, out) in enumerate(((2, 8), (3, 16))):
            with net.part("sequential", str(stage)):
                for copy in range(depth):
                    with net.part("conv_block", str(copy)):
                        x = net.conv(x, out, norm="batch")
        with net.part("sequential", "2"):
            x = net.conv(net.conv(x, 4), 8)
    text = model_file(net.graph("net@4,8,8"))
    assert text.split("\n", 1)[1] == STAGES


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        (True, """\
layers:
  - {id: conv, conv: {out: 8, kernel: 1}}
  - {id: s, from: [in, conv], stage_block: }
  - {id: relu, relu: }
  - add: {from: [relu, conv]}
"""),
        (False, """\
layers:
  - id: s
    stage: [{id: "0", stage: [{conv: {out: 8}}]}, {id: "1", stage: [relu, relu]}, {id: "2", unit: }]
  - {id: relu, from: s.2.conv3, relu: }
  - add: {from: [relu, s.2.silu]}
"""),
    ],
)  # fmt: skip
def test_copies_that_differ_too_much_are_entries_of_a_stage(
    join: bool, expected: str, tmp_path: Path
) -> None:
    graph = unlike(Net((8, 8, 8)), join)
    text = model_file(graph)
    assert text[text.index("layers:\n  -") :] == expected
    hold(graph, tmp_path)


def test_numbers_of_copies_that_follow_no_rule_are_a_list() -> None:
    net = Net((3, 8, 8))
    x = net.input
    with net.part("conv", "towers"):
        for i, width in enumerate((8, 16, 24, 8, 40)):
            x = net.conv(x, width, name=str(i))
    text = model_file(net.graph("net"))
    assert "vars: {towers_out: [8, 16, 24, 8, 40]}" in text
    assert '- {id: towers, conv: {out: "=towers_out[i]"}, repeat: 5}' in text


def test_lists_of_one_name_are_numbered_where_they_differ() -> None:
    net = Net((3, 8, 8))
    x = net.input
    for number in (1, 3, 5):
        with net.part("stage", f"part{number}"), net.part("conv", "towers"):
            for i, width in enumerate((8, 16, 24, 8, 40)):
                x = net.conv(x, width * number, name=str(i))
    lists = re.findall(r"  (\w+): \[", model_file(net.graph("net")))
    assert lists == ["towers_out", "towers_out_2", "towers_out_3"]


def test_the_head_says_that_weights_had_a_width_of_their_own() -> None:
    graph = bncalc.block("conv", (3, 8, 8), out=4)
    first, conv = graph.nodes
    assert "bits" not in model_file(graph)
    narrow = graph._replace(nodes=(first, conv._replace(weight_bits=8 * 108)))
    assert model_file(narrow).splitlines()[1] == (
        "# The model says how many bits its weights have; here they are as wide as --dtype."
    )


@pytest.mark.parametrize("make", [tokens, quantised])
def test_other_peoples_models_are_the_same_in_our_language(make, tmp_path: Path) -> None:
    hold(bncalc.network(make(tmp_path)), tmp_path)


def test_an_operation_without_a_word_is_written_by_its_numbers(tmp_path: Path) -> None:
    nodes = [node("Swirl", "x w", "a", domain="own"), node("Relu", "a", "y")]
    graph = bncalc.network(file(tmp_path, nodes, {"w": (4, 4)}))
    text = model_file(graph)
    assert "custom: {op: Swirl, params: 16, counted: false}" in text
    assert "# If you change what a `custom` operation reads, its numbers stay as they are:" in text
    read = again(graph, tmp_path)
    assert (read.nodes[1].op.counted, str(read.nodes[1].output)) == (False, "?")


def test_a_padding_of_its_own_is_not_taken_for_the_files(tmp_path: Path) -> None:
    net = Net((3, 8, 8))
    x = net.input
    for padding in (1, 1, "default"):
        x = net.conv(x, 4, 5, padding=padding)
    assert "defaults" not in model_file(net.graph("net"))
    hold(net.graph("net"), tmp_path)


@pytest.mark.parametrize(
    ("lowest", "text"), [(float("-inf"), "-.inf"), (-3.4028235e38, "-3.4028235e+38")]
)
def test_the_lowest_number_is_written_as_yaml_has_it(
    lowest: float, text: str, tmp_path: Path
) -> None:
    net = Net((3, 8, 8))
    net.op("max_pool", net.op("pad", net.input, size=1, value=lowest), kernel=3, padding=0)
    assert f"- pad: {{value: {text}}}" in model_file(net.graph("net"))
    hold(net.graph("net"), tmp_path)


def test_copies_of_a_block_that_share_their_weights_are_one_entry(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    entry = "  - {inverted_residual: {mid: 16}, repeat: 3, shared: true}\n"
    path.write_text(f"input: [8, 6, 6]\nlayers:\n{entry}", encoding="utf-8")
    (graph,) = bncalc.load(str(path))
    assert model_file(graph).endswith(f"layers:\n{entry}")
    hold(graph, tmp_path)


def test_names_from_elsewhere_are_quoted_and_unlike(tmp_path: Path) -> None:
    names = ['a"b', "in", "yes: [no", "null", "=1+1", "\u202eleft", "0"]
    net = Net((3, 8, 8))
    x = net.input
    for name in names:
        x = net.conv(x, 4, name=name)
    other = again(net.graph("a: {b}"), tmp_path)
    paths = [n.path for n in other.nodes[1:]]
    assert paths == ['a"b', "in_", "yes: [no", "null", "=1+1", r"\u202eleft", "0"]


def test_layers_that_only_training_runs_are_each_in_a_group_of_their_own(tmp_path: Path) -> None:
    net = Net((3, 8, 8))
    with net.training_only():
        net.conv(net.input, 4, name="first")
    x = net.conv(net.input, 5)
    with net.training_only():
        net.conv(x, 6, name="second")
    paths = [layer.path for layer in again(net.graph("net"), tmp_path).nodes[1:]]
    assert paths == ["auxiliary_first/first", "conv", "auxiliary_second/second"]


SHARED = """\
name: net
input: [3, 8, 8]
layers:
  - {id: a, stage: [{id: conv, conv: {out: 3}}, {id: c, stage: [silu]}]}
  - {id: b, stage: [{id: inner, stage: [{id: conv, same_as: a.conv}, relu]}, {conv: {out: 3}}]}
"""


def test_layers_with_weights_of_another_part_lie_in_groups(tmp_path: Path) -> None:
    net = Net((3, 8, 8))
    with net.part("a"):
        x = net.conv(net.input, 3)
        with net.part("c"):
            x = net.act(x, "silu")
    with net.part("b"):
        with net.part("inner"):
            with net.sharing(1, 2):
                x = net.conv(x, 3)
            x = net.act(x, "relu")
        net.conv(x, 3)
    graph = net.graph("net")
    assert model_file(graph).split("\n", 1)[1] == SHARED
    owners = [node.weights_of for node in again(graph, tmp_path).nodes]
    assert owners == [node.weights_of for node in graph.nodes]


def test_a_part_that_is_another_again_is_named_by_what_holds_it(tmp_path: Path) -> None:
    net = Net((3, 8, 8))
    with net.part("a"):
        with net.part("twice"):
            x = net.act(net.conv(net.input, 3), "relu")
        x = net.act(x, "silu")
    with net.part("b"):
        with net.part("again"), net.sharing(1, 3):
            x = net.act(net.conv(x, 3), "relu")
        net.conv(x, 3)
    lines = model_file(net.graph("net")).splitlines()
    assert lines[-3:] == [
        "layers:",
        "  - {id: a, stage: [{id: twice, stage: [{conv: {out: 3}}, relu]}, silu]}",
        "  - {id: b, stage: [{id: again, same_as: a.twice}, {conv: {out: 3}}]}",
    ]
    hold(net.graph("net"), tmp_path)


def test_a_part_for_training_may_end_in_what_only_its_own_training_runs(tmp_path: Path) -> None:
    net = Net((3, 8, 8))
    with net.training_only(), net.part("auxiliary"):
        with net.part("inner"):
            x = net.conv(net.input, 4, name="first")
            with net.part("auxiliary"):
                net.conv(x, 5, name="beside")
        net.conv(x, 6, name="second")
    hold(net.graph("net"), tmp_path)


def expanding(*widths: int, factors: tuple[int, ...] = (6, 6)) -> Graph:
    """Blocks that widen what arrives by factors, gate it by a quarter and put out other widths."""
    net = Net((8, 6, 6))
    x = net.input
    for i, width in enumerate(widths):
        with net.part("widening", f"part{i}"):
            y = net.conv(x, factors[i % len(factors)] * x.channels, 1, name="wide")
            y = net.conv(y, x.channels // 4, 1, name="gate")
            x = net.conv(y, width, 1, name="last")
            x = net.conv(x, 2 * width, 1, name="double")
    return net.graph("net")


@pytest.mark.parametrize(
    ("graph", "arguments", "widths"),
    [
        (expanding(12, 16), "{last_out: }", ["=cin*6", "=cin/24", "=last_out", "=last_out*2"]),
        # Other factors: the first width is an argument, and the gate no multiple of it or of cin.
        (
            expanding(12, 16, factors=(6, 3)),
            "{wide_out: , gate_out: , last_out: }",
            ["=wide_out", "=gate_out", "=last_out", "=last_out*2"],
        ),
    ],
)
def test_widths_that_are_always_a_multiple_of_another_are_formulas(
    graph: Graph, arguments: str, widths: list[str], tmp_path: Path
) -> None:
    text = model_file(graph)
    assert f"args: {arguments}" in text
    assert re.findall(r"out: \"?(=[^\",]+)", text) == widths
    hold(graph, tmp_path)


def test_rows_that_are_blocks_of_ours_are_written_as_these(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "nc: 80\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\n  - [-1, 2, C3k2, [128, False, 0.25]]\n"
        "  - [-1, 1, SPPF, [128, 5]]\n  - [-1, 2, C2PSA, [128]]\nhead:\n"
        "  - [-1, 1, RepConv, [128]]\n  - [-1, 2, RepConv, [128]]\n",
        encoding="utf-8",
    )
    graph = bncalc.network(str(path))
    assert model_file(graph).splitlines()[-5:] == [
        '  - {id: "1", c3k2: {out: 128, n: 2, e: 0.25}}',
        '  - {id: "2", sppf: {out: 128}}',
        '  - {id: "3", c2psa: {n: 2}}',
        '  - {id: "4", rep_conv: {out: 128}}',
        '  - {id: "5", rep_conv: {out: 128}, repeat: 2}',
    ]
    hold(graph, tmp_path)


@each_of(
    [
        ("resnet50@3,224,224", "resnet50"),
        ("create_model@model_name=mixer_b16_224@3,224,224", "mixer_b16_224"),
        ("get_model@name=vgg11@weights=null", "vgg11"),
        ("Net@width=2", "Net@width=2"),
    ],
)
def test_a_model_that_a_function_makes_by_name_has_that_name(name: str, plain: str) -> None:
    net = Net((3, 8, 8))
    net.conv(net.input, 4)
    assert tree(net.graph(name)).name == plain


def test_weights_that_no_entry_can_share_are_an_error() -> None:
    net = Net((3, 8, 8))
    with net.part("a"):
        x = net.conv(net.input, 3)
    with net.part("b"), net.sharing(1, 2):
        net.conv(x, 3, stride=2)
    with pytest.raises(bncalc.UsageError, match="b/conv has the weights of a/conv: the language"):
        model_file(net.graph("net"))


def test_an_operation_that_reads_nothing_and_has_no_word_is_an_error() -> None:
    net = Net((3, 8, 8))
    table = net.build(Foreign(Facts("table", Shape(3, 8, 8), Cost(buffers=192))))
    net.add(net.conv(net.input, 3), table)
    with pytest.raises(bncalc.UsageError, match="the inputs of table would be in, not none"):
        model_file(net.graph("net"))


def test_a_part_that_puts_out_more_than_the_one_whose_weights_it_has_is_an_error() -> None:
    net = Net((4, 8, 8))

    def twice(x: Tensor, name: str) -> tuple[Tensor, Tensor]:
        with net.part("stage", name):
            y = net.conv(x, 4, 3, name="first")
            return y, net.conv(y, 4, 3, name="second")

    _, x = twice(net.input, "a")
    x = net.conv(x, 4, 1)
    with net.sharing(1, 3):
        early, late = twice(x, "b")
    net.add(net.conv(early, 4), late)
    with pytest.raises(bncalc.UsageError, match="b puts out several maps, and what has its w"):
        model_file(net.graph("net"))


def levels() -> Graph:
    """Maps of two sizes as one row of positions, as heads of detectors put them out."""
    net = Net((3, 16, 16))
    small = net.conv(net.input, 8, stride=2)
    maps = [net.op("reshape", x, to=(8, x.shape.positions)) for x in (small, net.conv(small, 8))]
    net.op("reshape", net.concat(*maps), to=(2, 8, 64))
    return net.graph("net")


def test_positions_follow_another_input(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(model_file(levels()), encoding="utf-8")
    assert path.read_text().count("reshape: {to: [=cin, =positions]}") == 2
    (wider,) = bncalc.load(str(path), input=(3, 16, 32))
    assert [node.output for node in wider.nodes if node.op.word == "reshape"] == [
        *[(8, 128)] * 2,
        (2, 8, 128),
    ]


def test_positions_are_numbers_where_a_formula_would_mean_something_else(tmp_path: Path) -> None:
    net = Net((3, 8, 8))
    for size in (64, 32):
        with net.part("part"):
            net.op("reshape", net.conv(net.input, 256 // size), to=(256 // size, 64))
        with net.part("part"):
            net.op("reshape", net.conv(net.input, 4), to=(256 // size, size))
    hold(net.graph("net"), tmp_path)


CANONICAL = (
    """\
layers:
  - {id: a, conv: {out: 4}}
  - {id: b, conv: {out: 4}}
  - {id: j, from: a, add: [[{id: c, conv: {out: 4}}, {id: d, from: b, relu: }], []]}
  - {id: k, concat: {from: [j, b]}}
""",
    """\
layers:
  - {id: s, stage: [{id: a, conv: {out: 4}}, {id: b, conv: {out: 5}}]}
  - {id: c, conv: {out: 4}}
""",
    """\
layers:
  - mean: {over: height}
  - softmax: {over: [height, width]}
""",
    """\
defaults: {padding: [1, 0]}
layers:
  - conv: {out: 4, padding: 1}
  - conv: {out: 4}
  - conv: {out: 4}
  - conv: {out: 4, kernel: 1, padding: 0}
""",
    """\
define:
  fork:
    args: {out: }
    outputs: [p, q]
    layers: [{id: p, conv: {out: =out}}, {id: q, conv: {out: =cin}}]
layers:
  - {id: f, fork: {out: 4}}
  - {id: g, from: f.p, fork: {out: 5}}
  - {id: j, add: }
""",
    """\
define:
  two:
    inputs: [in1, in2]
    outputs: [x, y]
    layers: [{id: x, add: {from: [in1, in2]}}, {id: y, from: in2, conv: {out: =cin}}]
layers:
  - {id: p, conv: {out: 4}}
  - {id: q, conv: {out: 4}}
  - {id: r, from: [p, q], two: , repeat: 3}
  - {id: j, concat: {from: [r.y, p]}}
""",
    """\
layers:
  - {id: layer, stage: [{concat: {from: [in, layer.*]}}, {conv: {out: 4}}], repeat: 3}
  - {id: all, concat: {from: [in, layer.*]}}
  - {id: pool, max_pool: {kernel: 5, stride: 1}, repeat: 3}
  - {id: last, concat: {from: [all, pool.*]}}
""",
    """\
layers:
  - {id: j, concat: [[{id: a, conv: {out: 4}}], [{id: k, add: [[{id: b, relu: }], []]}]]}
  - {id: p, conv: {out: 4}}
  - {id: q, from: j, conv: {out: 5}}
""",
    """\
layers:
  - {id: o, conv: {out: 8}}
  - {id: j, add: [[{id: a, conv: {out: 8}}, {id: b, relu: }, {add: {from: [a, b]}}], []], repeat: 4}
  - {id: k, concat: [[{conv: {out: 4}}], [{conv: {out: 4, kernel: 1}}]], repeat: 3}
  - {id: p, from: j, conv: {out: 4}}
""",
    """\
define: {flat: {layers: [relu, {reshape: {to: [=cin, =positions]}}]}}
layers:
  - {id: a, conv: {out: 4}}
  - {id: p, flat: }
  - {id: q, from: in, flat: }
  - {id: j, concat: {from: [p, q]}}
""",
    """\
define:
  fork: {outputs: [a, b], layers: [{id: a, conv: {out: 4}}, {id: b, conv: {out: =cin}}]}
  token: {layers: [{parameter: {shape: [4, 12, 12]}}, relu]}
layers:
  - {id: f, fork: }
  - {id: t, from: in, token: }
  - {id: s, add: {from: [f.a, f.b, t]}}
  - {id: g, fork: }
  - {id: u, from: in, token: }
  - {id: v, add: {from: [g.a, g.b, u]}}
""",
)


def test_a_block_is_called_as_its_parts_are_whose_names_may_hold_digits() -> None:
    net = Net((8, 6, 6))
    x = net.input
    for name in "ab":
        with net.part("q2", name):
            x = net.op("relu", net.op("conv", x, out=8))
    assert "define: {q2: {layers: [{conv: {out: =cin}}, relu]}}" in model_file(net.graph("net"))


def test_copies_of_one_body_may_have_more_layers_than_others() -> None:
    net = Net((8, 6, 6))
    x = net.input
    with net.part("outer"):
        for copy in (0, 1):
            with net.part("body", str(copy)):
                for name in "012"[: 2 + copy]:
                    x = net.op("conv", x, out=8, name=name)
    text = model_file(net.graph("net"))
    assert "body: {with_2: true}, repeat: 2, first: {with_2: false}" in text


def named_as_a_join(join: str) -> Graph:
    """A part that has the word of a join, and is none of branches from one map."""
    net = Net((4, 8, 8))
    x = net.conv(net.input, 4)
    with net.part("add", "j"):
        y = x
        if join != "of layers":
            with net.part("way", "way" if join == "of a part by another name" else "branch1"):
                y = net.conv(x, 4)
        if join == "within a part":
            with net.part("add", "add"):
                net.op("add", y, x)
        elif join == "of two maps":
            net.op("add", y, x, net.input)
        elif join == "of another kind":
            net.op("multiply", y, x, name="add")
        else:
            net.op("add", y, x)
    return net.graph("net")


@each_of(
    ["of layers", "of a part by another name", "within a part", "of two maps", "of another kind"]
)
def test_a_part_that_only_has_the_word_of_a_join_is_none(join: str, tmp_path: Path) -> None:
    graph = named_as_a_join(join)
    assert "add: [[" not in model_file(graph)
    hold(graph, tmp_path)


def test_what_is_said_of_biases_is_what_makes_more_layers_blocks_of_ours() -> None:
    """Eight nodes are a bottleneck without biases, and five later ones a basic block with them."""
    net = Net((8, 8, 8), bncalc.Defaults(norm="none", act="relu"))
    x = net.op("basic", net.op("bottleneck", net.input, mid=4, out=16), out=16)
    for _ in range(6):
        x = net.op("conv", x, out=16)
    graph = net.graph("net")
    first = next(part.start for part in graph.parts if part.word == "basic")
    nodes = [
        node._replace(op=node.op.having(bias=True))
        if at >= first and node.op.word == "conv"
        else node
        for at, node in enumerate(graph.nodes)
    ]
    text = model_file(graph._replace(nodes=tuple(nodes)))
    assert "bottleneck: {out: 16, mid: 4}" in text
    assert text.count("bias: true") == 8


IDS = (
    *("join", "stage", "axes", "paddings", "fork", "copies", "all", "branches", "repeated joins"),
    *("sizes that follow", "a part without inputs after two maps"),
)


@each_of(CANONICAL, ids=IDS)
def test_a_file_as_we_write_it_is_written_so_again(text: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"name: net\ninput: [3, 12, 12]\n{text}", encoding="utf-8")
    (graph,) = bncalc.load(str(path))
    assert model_file(graph).split("\n", 1)[1] == path.read_text(encoding="utf-8")


def test_a_network_without_layers_is_none_of_the_language(tmp_path: Path) -> None:
    done = run("export", str(file(tmp_path, [node("Identity", "x", "y")], {})), "--to", "yaml")
    assert (done.returncode, done.stderr) == (2, "error: net cannot be written: it has no layers\n")


def taken_from_outside(count: int) -> str:
    pairs = [
        f"{{id: c{i}, conv: {{out: 8}}}}, {{id: d{i}, add: {{from: [o, c{i}]}}}}"
        for i in range(count)
    ]
    return f"  - {{id: o, conv: {{out: 8}}}}\n  - stage: [{', '.join(pairs)}]\n"


def placed_again(count: int) -> str:
    layers = [f"  - {{id: a{i}, conv: {{out: 8}}}}\n" for i in range(count)]
    return "".join(layers + [f"  - same_as: a{i}\n" for i in range(count)])


def copies_of_a_join(count: int) -> str:
    return f"  - {{add: [[{{conv: {{out: 8}}}}, {{conv: {{out: 8}}}}], []], repeat: {count}}}\n"


def alike_but_for_every_number(count: int) -> str:
    """Two stages, of as many layers, that have no number in common."""
    widths = [
        ", ".join([f"{{conv: {{out: {n + 5 * at}}}}}" for n in range(count)]) for at in (1, 2)
    ]
    return "".join([f"  - {{stage: [{each}]}}\n" for each in widths])


@each_of([taken_from_outside, placed_again, copies_of_a_join, alike_but_for_every_number])
def test_each_of_many_layers_is_as_much_work_to_write_as_each_of_few(
    layers: Callable[[int], str], tmp_path: Path
) -> None:
    path = tmp_path / "net.yaml"

    def work(count: int) -> int:
        path.write_text(f"input: [8, 8, 8]\nlayers:\n{layers(count)}", encoding="utf-8")
        (graph,) = bncalc.load(str(path))
        return calls(lambda: model_file(graph))

    assert work(60) < 4.2 * work(15)
