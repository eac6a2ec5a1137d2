"""Two models that differ in one thing: that thing is named, and not what merely follows from it."""

from pathlib import Path
from random import Random
from typing import Any, TypeVar

from tests.program import run
from tests.rows import each_of

from bncalc.analysis.difference import difference
from bncalc.analysis.measurement import measure
from bncalc.model.cost import Cost
from bncalc.model.graph import Graph
from bncalc.model.net import Net
from bncalc.model.ops.foreign import Facts, Foreign, facts_like
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape
from bncalc.opening.model import network
from bncalc.writers.model_comparison import against_model
from bncalc.writers.verification import TOTAL, Verification

T = TypeVar("T")
NET = """
input: [3, 32, 32]
defaults: {norm: batch, act: relu}
layers:
  - {id: stem, conv: {out: 16, stride: 2}}
  - {id: pool, max_pool: {kernel: 3, stride: 2}}
  - {id: wide, conv: {out: 16, groups: 4}}
  - {id: block, add: [[{conv: {out: 16}}, {conv: {out: 16, kernel: 1}}], []]}
  - {id: last, conv: {out: 32}}
  - global_avg_pool
  - {id: head, linear: {out: 10, bias: true}}
"""


def net(folder: Path, *changes: tuple[str, str]) -> Graph:
    text = NET
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / f"net{len(list(folder.iterdir()))}.yaml"
    path.write_text(text)
    return network(path)


def said(verification: Verification) -> str:
    rows = [row for row in verification.mismatches if not row.follows and row.path != TOTAL]
    return "; ".join(f"{row.path} {row.what} {row.ours} {row.theirs}" for row in rows)


CHANGES = [
    ("{out: 16, stride: 2}", "{out: 16, stride: 2, kernel: 5}",
     "stem kernel 3 5; stem params 432 1200; stem macs 110592 307200"),
    ("{out: 16, stride: 2}", "{out: 16}",
     "stem stride 2 1; stem macs 110592 442368; stem output (16, 16, 16) (16, 32, 32)"),
    ("{out: 16, stride: 2}", "{out: 16, stride: 2, act: silu}", "stem.act op relu silu"),
    ("{out: 16, stride: 2}", "{out: 16, stride: 2, act: none}", "stem.act layer relu None"),
    ("{out: 16, stride: 2}", "{out: 16, stride: 2, norm: none}",
     "stem.norm layer batch_norm None"),
    ("{kernel: 3, stride: 2}", "{kernel: 3}",
     "pool stride 2 None; pool output (16, 8, 8) (16, 6, 6)"),
    ("max_pool: {kernel: 3, stride: 2}", "avg_pool: {kernel: 3, stride: 2}",
     "pool op max_pool avg_pool"),
    ("kernel: 3, stride: 2}", "kernel: 2, stride: 2}", "pool kernel 3 2"),
    ("groups: 4", "groups: 2",
     "wide groups 4 2; wide params 576 1152; wide macs 36864 73728"),
    ("bias: true", "bias: false", "head bias yes no; head params 330 320"),
    (", []]", ", [], []]", ""),
    ("{conv: {out: 16, kernel: 1}}", "{linear: {out: 16, each: true, norm: batch, act: relu}}", ""),
    ("- {id: wide, conv: {out: 16, groups: 4}}", "- {id: border, pad: {size: 1}}\n"
     "  - {id: wide, conv: {out: 16, groups: 4, padding: 0}}", ""),
    ("groups: 4", "groups: 4, dilation: 2", "wide dilation 1 2"),
    ("groups: 4", "groups: 4, kernel: [1, 9]", "wide kernel 3 (1, 9)"),
    ("groups: 4", "groups: 4, norm: layer", "wide.norm op batch_norm layer_norm"),
    ("input: [3, 32, 32]", "input: [3, 64, 64]", "in input (3, 32, 32) (3, 64, 64)"),
    ("max_pool: {kernel: 3, stride: 2}", "conv: {out: 16, stride: 2}",
     "pool op max_pool conv; pool params 0 2304; pool macs 0 147456; pool.norm layer None "
     "batch_norm; pool.act layer None relu"),
    ("{id: last, ", "{id: last, from: wide, ",
     "last reads block/branch1/conv2.act None; "
     "outputs reads None wide.act, block/branch1/conv2.act"),
    ("{id: block, add: [[{conv: {out: 16}}, {conv: {out: 16, kernel: 1}}], []]}\n  - {id: last, ",
     "{id: more, max_pool: {kernel: 3, stride: 1}}\n  - {id: block, add: [[{conv: {out: 16}}, "
     "{conv: {out: 16, kernel: 1}}], []]}\n  - {id: last, from: wide, ",
     "last reads block/branch1/conv2.act None; "
     "outputs reads None wide.act, block/branch1/conv2.act"),
    ("[{conv: {out: 16}}, {conv: {out: 16, kernel: 1}}]",
     "[{conv: {out: 16, kernel: 1}}, {conv: {out: 16}}]",
     "block/branch1/conv1 kernel 3 1; block/branch1/conv1 params 2304 256; "
     "block/branch1/conv1 macs 147456 16384; block/branch1/conv2 kernel 1 3; "
     "block/branch1/conv2 params 256 2304; block/branch1/conv2 macs 16384 147456"),
]  # fmt: skip


@each_of(CHANGES)
def test_what_is_changed_is_named_and_not_what_follows(
    old: str, new: str, expected: str, tmp_path: Path
) -> None:
    assert said(against_model(net(tmp_path), net(tmp_path, (old, new)))) == expected


RENAMED = (("id: stem", "id: first"), ("id: wide", "id: grouped"), ("id: last", "id: end"))


def test_a_layer_with_another_name_is_named_on_both_sides(tmp_path: Path) -> None:
    wider = ("{id: end, conv: {out: 32}}", "{id: end, conv: {out: 32, kernel: 1}}")
    assert against_model(net(tmp_path), net(tmp_path, *RENAMED)).agrees
    rows = against_model(net(tmp_path), net(tmp_path, *RENAMED, wider)).mismatches
    assert [(row.path, row.what, row.there) for row in rows if row.path != TOTAL] == [
        ("last", what, "end") for what in ("kernel", "params", "macs")
    ]


def test_an_activation_before_a_norm_is_not_one_after_it(tmp_path: Path) -> None:
    plain = "{id: last, conv: {out: 32}}"
    turned = "{id: last, conv: {out: 32, norm: none}}\n  - batch_norm"
    rows = against_model(net(tmp_path, *RENAMED), net(tmp_path, (plain, turned))).mismatches
    assert {row.what for row in rows} == {"layer"}


def test_a_join_of_another_kind_is_named(tmp_path: Path) -> None:
    last = "  - global_avg_pool"
    graphs = [
        net(tmp_path, (last, f"  - {{id: both, {word}: {{from: [last, last]}}}}\n{last}"))
        for word in ("add", "multiply")
    ]
    assert said(against_model(*graphs)) == "both op add multiply"


NAMED = [
    ("{id: block, add: ", "{id: other, multiply: ", "block/add op add multiply"),
    ("{id: pool, max_pool: ", "{id: other, avg_pool: ", "pool op max_pool avg_pool"),
    ("{id: pool, max_pool: {kernel: 3", "{id: other, max_pool: {kernel: 2", "pool kernel 3 2"),
    ("- global_avg_pool", "- global_max_pool",
     "global_avg_pool op global_avg_pool global_max_pool"),
    ("bias: true}}", "bias: true}}\n  - softmax", ""),
]  # fmt: skip
LAST = [("softmax", "sigmoid"), ("sigmoid", "softmax"), ("softmax", "custom: {op: log_softmax}")]


@each_of(NAMED)
def test_what_costs_nothing_is_found_by_its_place(
    old: str, new: str, expected: str, tmp_path: Path
) -> None:
    graphs = net(tmp_path), net(tmp_path, (old, new))
    assert said(against_model(*graphs)) == expected


def test_an_enlargement_is_another_one_by_its_mode_and_not_by_how_its_size_is_written(
    tmp_path: Path,
) -> None:
    last = "  - global_avg_pool"

    def enlarged(fields: str) -> Graph:
        return net(tmp_path, (last, f"  - upsample: {{{fields}}}\n  - conv: {{out: 8}}\n{last}"))

    near = enlarged("scale: 2")
    assert against_model(near, enlarged("size: [16, 16]")).agrees
    found = against_model(near, enlarged("size: [16, 16], mode: bilinear"))
    assert said(found) == "upsample mode nearest bilinear"


def test_windows_and_heads_of_a_product_may_be_either_axis(tmp_path: Path) -> None:
    def scores(lead: str, back: str = "  - reshape: {to: [16, 8, 8]}\n") -> Graph:
        last = "  - {id: last, conv: {out: 32}}"
        q = f"  - {{id: q, from: block, reshape: {{to: [{lead}, 8, 8]}}}}"
        product = "  - {id: qk, from: [q, q], matmul: }"
        return net(tmp_path, (last, f"{q}\n{product}\n{back}{last}"))

    assert against_model(scores("2, 8"), scores("8, 2")).agrees
    for found in (
        against_model(scores("2, 8"), scores("4, 4")),
        against_model(scores("2, 8", back=""), scores("8, 2", back="")),
    ):
        assert "q to (2, 8, 8, 8)" in said(found)


def test_axes_of_one_position_are_no_difference(tmp_path: Path) -> None:
    last = "  - {id: head, linear: {out: 10, bias: true}}"
    sizes = ("[32]", "[32, 1]", "[32, 1, 1]")
    flat, *others = [net(tmp_path, (last, f"  - reshape: {{to: {to}}}\n{last}")) for to in sizes]
    assert [graph.nodes[-1].output.axes for graph in (flat, *others)] == [0, 1, 2]
    assert all(against_model(flat, other).agrees for other in others)


def test_a_last_softmax_is_not_another_function(tmp_path: Path) -> None:
    last = "{id: head, linear: {out: 10, bias: true}}"
    soft, sigmoid, log = (
        net(tmp_path, (last, f"{last}\n  - {word}"))
        for word in ("softmax", "sigmoid", "custom: {op: log_softmax}")
    )
    assert said(against_model(soft, log)) == "softmax op softmax log_softmax"
    assert said(against_model(soft, sigmoid)) == "sigmoid layer None sigmoid"
    assert said(against_model(sigmoid, soft)) == "sigmoid layer sigmoid None"


def test_a_fixed_map_of_one_side_reads_nothing_and_is_no_cause(tmp_path: Path) -> None:
    fixed = "  - {id: fixed, parameter: {shape: [32, 1, 1], learned: false}}\n"
    pool = "  - {id: pool2, from: last, global_avg_pool: }\n  - add: {from: [pool2, fixed]}"
    wider = "{out: 16, stride: 2}", "{out: 16}"
    other = net(tmp_path, ("  - global_avg_pool", fixed + pool), wider)
    assert {row.what for row in against_model(net(tmp_path), other).mismatches} == {
        "stride", "macs", "output",
    }  # fmt: skip


def test_what_is_like_a_convolution_may_have_a_map_of_other_axes() -> None:
    def graph(kernel: int) -> Graph:
        net = Net((4, 2, 9, 9))
        like = op_named("conv")(out=4, kernel=(kernel, kernel))
        net.place(Foreign(facts_like(like, Shape(4, 2, 9, 9), Cost(weights=144))), net.input)
        return net.graph("net")

    assert against_model(graph(3), graph(3)).agrees
    assert against_model(graph(3), graph(5)).agrees


def test_layers_that_learn_may_put_out_maps_of_unknown_sizes() -> None:
    def graph(word: str, weights: int) -> Graph:
        net = Net((4, 2))
        facts = Facts(word, Shape(0), Cost(weights=weights), counted=False)
        net.place(Foreign(facts), net.input)
        return net.graph("net")

    for word in ("dequantise", "custom"):
        rows = against_model(graph(word, 8), graph("scale", 6)).mismatches
        assert [(row.what, row.ours, row.theirs) for row in rows] == [
            ("params", 8, 6),
            ("layer", word, None),
            ("layer", None, "scale"),
        ]


FOLDED = ("{norm: batch, act: relu}", "{bias: true, act: relu}")


def test_norms_that_one_side_has_folded_are_said_and_may_be_folded_on_both(tmp_path: Path) -> None:
    graphs = net(tmp_path), net(tmp_path, FOLDED)
    found = against_model(*graphs)
    assert len(found.mismatches) > 10
    assert found.notes == (
        "net1 has its batch norms folded into its layers; with --fold-norm no layer differs",
    )
    folded = against_model(*graphs, fold_norm=True)
    assert (folded.agrees, folded.notes) == (True, ())
    wider = net(
        tmp_path, FOLDED, ("{id: last, conv: {out: 32}}", "{id: last, conv: {out: 32, kernel: 1}}")
    )
    assert against_model(graphs[0], wider).notes == (
        "net2 has its batch norms folded into its layers; with --fold-norm 1 layer differs",
    )
    assert against_model(graphs[0], net(tmp_path, ("norm: batch, ", ""))).notes == ()


def test_models_of_one_name_are_told_apart_by_their_files(tmp_path: Path) -> None:
    for name, act in (("a", "relu"), ("b", "silu")):
        text = f"name: net\ninput: [3, 8, 8]\nlayers: [{{conv: {{out: 4, act: {act}}}}}]\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    one, two = f"{tmp_path}/a.yaml", f"{tmp_path}/b.yaml"
    done = run("verify", one, two, COLUMNS="400")
    assert done.returncode == 1
    assert f"{one} and {two} differ in 1 layer; 2 were compared" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["conv.act", "op", "relu", "silu"]


def test_inputs_pair_by_name_in_any_order(tmp_path: Path) -> None:
    for index, inputs in enumerate(
        ("{x: [3, 16, 16], y: [3, 32, 32]}", "{y: [3, 32, 32], x: [3, 16, 16]}")
    ):
        (tmp_path / f"{index}.yaml").write_text(
            f"inputs: {inputs}\nlayers:\n"
            "  - {id: left, from: x, conv: {out: 8}}\n"
            "  - {id: right, from: y, conv: {out: 8, stride: 2}}\n"
            "  - {from: [left, right], add: }\n"
        )
    one, other = (network(tmp_path / f"{index}.yaml") for index in range(2))
    assert against_model(one, other).mismatches == ()


def test_a_path_is_whole_on_a_narrow_screen() -> None:
    done = run("verify", "mobilenet_v2", "mobilenet_v2@width=0.5", COLUMNS="60")
    words = "".join(line[:31].strip() for line in done.stdout.splitlines())
    assert "inverted_residual2/0/expand" in words
    assert "\u2026" not in done.stdout


def reordered(graph: Graph, seed: int) -> Graph:
    """Return a graph whose branches run in another order, with other names and without parts."""
    random, order, waiting = Random(seed), [0], list(range(1, len(graph.nodes)))
    while waiting:
        ready = [at for at in waiting if all(source in order for source in graph.nodes[at].inputs)]
        following = [at for at in ready if graph.nodes[at].inputs == (order[-1],)]
        order.append(random.choice(following or ready))
        waiting.remove(order[-1])
    place = {node: at for at, node in enumerate(order)}
    nodes = [
        node._replace(inputs=tuple([place[i] for i in node.inputs]), path=f"n{at}" if at else "in")
        for at, node in enumerate(graph.nodes[old] for old in order)
    ]
    outputs = tuple([output._replace(node=place[output.node]) for output in graph.outputs])
    return graph._replace(nodes=tuple(nodes), parts=(), outputs=outputs)


def changed(graph: Graph, at: int, **values: Any) -> Graph:
    """Return a graph with another node in one place."""
    nodes = list(graph.nodes)
    nodes[at] = nodes[at]._replace(**values)
    return graph._replace(nodes=tuple(nodes))


def some_of(values: list[T]) -> list[T]:
    return [values[at * (len(values) - 1) // 4] for at in range(5)]


@each_of(["googlenet", "hrnet_w18_small", "shufflenet_v2_x0_5"])
def test_branches_run_in_any_order_and_a_change_in_one_is_named(name: str) -> None:
    graph = network(name)
    other = reordered(graph, 1)
    for one, two in ((graph, other), (other, graph)):
        assert against_model(one, two).agrees
        assert difference(measure(one), measure(two)).changes == ()
    convs = [at for at, node in enumerate(other.nodes) if node.op.word == "conv"]
    for at in some_of(convs):
        op = other.nodes[at].op
        flipped = changed(other, at, op=op.having(bias=not vars(op)["bias"]))
        rows = [row for row in against_model(graph, flipped).mismatches if row.path != TOTAL]
        assert [(row.what, row.there) for row in rows] == [("bias", f"n{at}"), ("params", f"n{at}")]


def test_a_branch_that_reads_another_map_of_one_shape_is_named() -> None:
    graph = network("hrnet_w18_small")
    other = reordered(graph, 2)
    last: dict[int, int] = {}
    movable = []
    for at, node in enumerate(other.nodes):
        if node.op.word == "conv" and last[node.inputs[0]] != node.inputs[0]:
            movable.append((at, last[node.inputs[0]]))
        last[at] = max((i for i in range(at) if other.nodes[i].output == node.output), default=at)
    for at, source in some_of(movable):
        wired = against_model(graph, changed(other, at, inputs=(source,)))
        assert "reads" in {row.what for row in wired.mismatches}
