"""Training memory against PyTorch to the byte, and against sums made by hand."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.amounts import gradients, optimizer_state
from bncalc.analysis.assumptions import EAGER, OPTIMIZERS, STANDARD, Assumptions
from bncalc.analysis.gaps import gaps, kept_gap
from bncalc.analysis.training import Images, Training
from bncalc.model.building import Defaults
from bncalc.model.graph import Graph, KeptMemory, Occupancy
from bncalc.model.net import Net

# Bytes kept for the backward pass at batch 2, measured in PyTorch 2.13 on the meta device: each
# storage that a saved-tensor hook sees in training mode, once, parameters and buffers left out.
MEASURED = """
alexnet 7482368
convnext_large 695253336
convnext_small 348424536
convnext_tiny 218311752
densenet121 261057280
densenet161 486425472
densenet169 315250432
efficientnet_b0 176556168
efficientnet_b1 286131456
efficientnet_b4 1307504520
efficientnet_v2_s 905104592
googlenet_aux 96649856
inception_v3_aux 196729432
mnasnet0_75 77586368
mnasnet1_0 88682624
mobilenet_v2 156555520
mobilenet_v3_large 88325504
mobilenet_v3_small 32388096
regnet_x_400mf 50525056
regnet_y_400mf 67370304
regnet_y_8gf 343825088
resnet101 254127616
resnet152 355466752
resnet18 44398080
resnet34 64498176
resnet50 172031488
resnext50_32x4d 224676352
shufflenet_v2_x0_5 22142528
shufflenet_v2_x1_0 40834640
shufflenet_v2_x2_0 76838992
squeezenet1_0 71534656
squeezenet1_1 42139456
vgg11 97738752
vgg16 146710528
vgg16_bn 255124480
vgg19_bn 276007936
wide_resnet50_2 224676352
"""


def training_memory(graph: Graph, assumptions: Assumptions = STANDARD) -> Training:
    return bncalc.measure(graph, assumptions, also=["training"]).result(Training)


@each_of(MEASURED.strip().splitlines())
def test_what_is_kept_for_backward_is_what_autograd_keeps_to_the_byte(line: str) -> None:
    name, measured = line.split()
    graph = shipped.graph(name)
    memory = training_memory(graph, Assumptions(batch=2))
    assert memory.saved == int(measured)
    assert sum(memory.layers) == memory.saved


# The same for small chains behind 4×12×12, one kind of op after the other.
CHAINS = [
    ("[{conv: {out: 8}},{group_norm: {groups: 4}},relu,{conv: {out: 8}}]", 23_104),
    ("[{conv: {out: 8}},instance_norm,{conv: {out: 8}}]", 23_168),
    ("[{conv: {out: 8}},{instance_norm: {affine: true}},{conv: {out: 8}}]", 23_232),
    ("[{conv: {out: 8}},prelu,{conv: {out: 8}}]", 23_040),
    ("[{conv: {out: 8}},elu,{conv: {out: 8}}]", 13_824),
    ("[{conv: {out: 8}},leaky_relu,{conv: {out: 8}}]", 13_824),
    ("[{conv: {out: 8}},mish,{conv: {out: 8}}]", 23_040),
    ("[{conv: {out: 8}},softplus,{conv: {out: 8}}]", 23_040),
    ("[{conv: {out: 8}},tanh,{conv: {out: 8}}]", 13_824),
    ("[{conv: {out: 8}},gelu,{conv: {out: 8}}]", 23_040),
    ("[{conv: {out: 8}},hard_sigmoid,{conv: {out: 8}}]", 23_040),
    ("[{conv: {out: 8}},softmax]", 13_824),
    ("[{conv: {out: 8}},relu,{conv_transpose: {out: 4}}]", 13_824),
    ("[{conv: {out: 8}},avg_pool,{conv: {out: 8}}]", 16_128),
    ("[{conv: {out: 8}},{adaptive_avg_pool: {size: 3}},{linear: {out: 5}}]", 14_400),
    ("[{conv: {out: 8}},{adaptive_max_pool: {size: 3}},{linear: {out: 5}}]", 15_552),
    ("[{conv: {out: 8}},global_max_pool,{linear: {out: 5}}]", 14_016),
    ("[{conv: {out: 8}},relu,{upsample: {mode: bilinear}},{conv: {out: 4}}]", 50_688),
    ("[{conv: {out: 8}},relu,upsample,{conv: {out: 4}}]", 50_688),
    ("[{conv: {out: 16}},pixel_shuffle,{conv: {out: 4}}]", 23_040),
    ("[{conv: {out: 8}},local_response_norm,{conv: {out: 4}}]", 55_296),
    ("[{conv: {out: 8}},relu,{dropout: {rate: 0.5}},{conv: {out: 4}}]", 32_256),
    (
        "[{conv: {out: 8, norm: batch, act: hard_swish}},"
        "{depthwise: {dilation: 2, norm: batch, act: relu6}}]",
        50_816,
    ),
    ("[{conv: {out: 8}},{pad: {size: 1}},{conv: {out: 4}}]", 17_152),
    ("[{conv: {out: 8}},relu,max_pool,relu,{conv: {out: 4}}]", 20_736),
]


@each_of(CHAINS)
def test_what_each_kind_of_op_keeps_is_what_autograd_keeps(
    layers: str, measured: int, tmp_path: Path
) -> None:
    path = tmp_path / "chain.yaml"
    path.write_text(f"input: [4, 12, 12]\nlayers: {layers}\n")
    (graph,) = bncalc.load(str(path))
    assert training_memory(graph, Assumptions(batch=2)).saved == measured


@pytest.mark.parametrize(
    ("name", "each", "once"), [("resnet18", 22_179_840, 38_400), ("resnet50", 85_909_504, 212_480)]
)
def test_what_an_image_and_what_a_batch_keeps(name: str, each: int, once: int) -> None:
    graph = shipped.graph(name)
    for batch in (1, 5):
        assert training_memory(graph, Assumptions(batch=batch)).saved == batch * each + once


MAP = 8 * 8 * 8  # elements of the map that the blocks below keep


@each_of(
    [
        ("none", [MAP, MAP]),  # the input of the convolution, the input of the norm
        ("relu", [MAP, MAP, MAP]),  # and the output of the activation
        ("relu6", [MAP, MAP, MAP]),  # and its input, as a copy, for it is written over
        ("gelu", [MAP, MAP, MAP]),  # and its input
        ("sigmoid", [MAP, MAP, MAP]),  # and its output
    ]
)
def test_what_a_convolution_with_norm_and_activation_keeps(act: str, kept: list[int]) -> None:
    graph = bncalc.block("conv", (8, 8, 8), out=8, norm="batch", act=act)
    memory = training_memory(graph, Assumptions())
    assert memory.layers == tuple(4 * n + (4 * 2 * 8 if i == 1 else 0) for i, n in enumerate(kept))


def test_a_learned_map_is_a_weight_and_not_kept_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [4, 6, 6]\nlayers:\n  - {id: p, parameter: {shape: [4, 1, 1]}}\n"
        "  - {from: [in, p], multiply: }\n"
    )
    (graph,) = bncalc.load(str(path))
    report = bncalc.measure(graph, Assumptions(batch=3), ["training"])
    assert report.result(Training).saved == 3 * 4 * 36 * 4
    assert report.totals.params == 4
    assert report.memory.storages[1].size == 0


@pytest.mark.parametrize(("batch", "kept"), [(1, 27_761_992), (2, 56_183_440)])
def test_edgenext_keeps_what_torch_keeps_but_for_what_is_said(batch: int, kept: int) -> None:
    """Two things of timm's attention between channels are no part of its maps.

    `F.normalize` keeps the lengths of queries and keys twice, before and after they are clamped;
    and to multiply several images at once torch copies the values, of which it keeps the rest too.
    """
    channels, positions = (48, 88, 168), (32 * 32, 16 * 16, 8 * 8)
    lengths = sum(2 * c for c in channels) * batch
    values = sum(c * n for c, n in zip(channels, positions, strict=True)) * batch
    copies = lengths + (values if batch > 1 else 0)
    graph = shipped.graph("edgenext_xx_small")
    ours = bncalc.measure(graph, Assumptions(batch=batch), ["training"]).result(Training).saved
    assert ours + 4 * copies == kept  # recorded with saved_tensors_hooks, torch 2.14, timm 1.0.31


def test_what_a_run_has_shown_to_be_kept_is_what_counts() -> None:
    def kept(images: int) -> tuple[Occupancy, ...]:
        return (
            *(Occupancy(10 * images, 1, 3), Occupancy(3 * images, 1, 3, width=8)),
            Occupancy(5, 2, 3),
        )

    graph = bncalc.block("conv", (8, 8, 8), out=8, norm="batch")
    asked = graph._replace(ask_kept=lambda images: KeptMemory(kept(images)))
    training = training_memory(asked, Assumptions(batch=3, dtype="float16"))
    assert training.layers == (3 * (10 * 2 + 3 * 8), 5 * 2)
    assert training.unknown == ()
    unasked = graph._replace(ask_kept=lambda images: KeptMemory(kept(images), frozenset([2])))
    assert training_memory(unasked).unknown == ("conv.norm",)


def test_frozen_params_have_no_gradient_and_no_state() -> None:
    graph = bncalc.block("conv", (8, 8, 8), out=8, norm="batch")
    nodes = [node._replace(frozen=n) for node, n in zip(graph.nodes, (0, 500, 16), strict=True)]
    graph = graph._replace(nodes=tuple(nodes))
    for fold_norm, learned in ((False, (8 * 8 * 9 - 500, 0)), (True, (8 * 8 * 9 + 8 - 500,))):
        assumed = Assumptions(optimizer="adam", fold_norm=fold_norm)
        report = bncalc.measure(graph, assumed, ["training"])
        assert tuple(gradients(report)) == tuple([4 * each for each in learned])
        assert tuple(optimizer_state(report)) == tuple([8 * each for each in learned])
        training = report.result(Training)
        assert (training.gradients, training.optimizer) == (4 * sum(learned), 8 * sum(learned))


def test_a_map_that_two_ops_ask_for_is_kept_once() -> None:
    # Two convolutions in a row with a ReLU between: its output is the second one's input.
    graph = bncalc.block("basic", (8, 8, 8), defaults=Defaults(act="relu"))
    memory = training_memory(graph, Assumptions())
    by_path = dict(zip((node.path for node in graph.nodes[1:]), memory.layers, strict=True))
    assert by_path == {
        "conv1": 4 * MAP,
        "conv1.act": 4 * MAP,
        "conv2": 0,
        "add": 0,
        "relu": 4 * MAP,
    }


def test_max_pooling_keeps_its_input_and_64_bit_indices() -> None:
    graph = bncalc.block("max_pool", (8, 8, 8), kernel=2)
    assert training_memory(graph).layers == (4 * MAP + 8 * MAP // 4,)


def test_weights_gradients_and_state_by_hand() -> None:
    graph = bncalc.block("conv", (8, 8, 8), out=8, norm="batch")
    params, buffers = 8 * 8 * 9 + 2 * 8, 2 * 8
    for name, state in {"sgd": 0, "momentum": 4, "adam": 8, "adamw": 8}.items():
        memory = training_memory(graph, Assumptions(optimizer=name))
        assert (memory.weights, memory.gradients) == (4 * (params + buffers), 4 * params)
        assert memory.optimizer == state * params
        assert memory.total == memory.weights + memory.gradients + memory.optimizer + memory.saved
        mixed = Assumptions(dtype="bfloat16", optimizer=f"{name}-mixed")
        memory = training_memory(graph, mixed)
        assert (memory.weights, memory.gradients) == (2 * (params + buffers), 2 * params)
        assert memory.optimizer == (4 + state) * params


def test_adam_in_mixed_precision_takes_16_bytes_a_parameter() -> None:
    # Rajbhandari et al. 2019, arXiv:1910.02054, section 3.1: 2 + 2 + K, K = 12.
    assert 2 + 2 + OPTIMIZERS["adam-mixed"].state_bytes(2) == 16


def test_half_precision_halves_maps_and_not_indices_or_statistics() -> None:
    graph = bncalc.block("max_pool", (8, 8, 8), kernel=2)
    assert training_memory(graph, Assumptions(dtype="float16")).saved == 2 * MAP + 8 * MAP // 4


def test_checkpoints_keep_the_inputs_of_blocks_and_the_largest_block() -> None:
    graph = shipped.graph("resnet50")
    whole = training_memory(graph, Assumptions(batch=1))
    memory = training_memory(graph, Assumptions(batch=1, checkpoint=True))
    blocks = graph.blocks()
    assert [block.path for block in blocks[:4]] == ["stage1/0", "stage1/1", "stage1/2", "stage2/0"]
    assert len(blocks) == 16
    inside = [sum(whole.layers[block.start - 1 : block.stop - 1]) for block in blocks]
    inputs = [4 * graph.nodes[block.start - 1].output.elements for block in blocks]
    outside = sum(whole.layers) - sum(inside)
    assert memory.saved == outside + sum(inputs) + max(inside)
    assert sum(memory.layers) == memory.saved
    assert memory.saved < whole.saved


def test_the_largest_block_is_that_whose_own_layers_keep_most() -> None:
    # Convolutions of one position, each of which keeps its input: the first 1000 floats, and so on.
    # What lies before or after a block would make the first block the largest, and is not counted.
    net = Net((1000, 1, 1))
    x = net.conv(net.input, 15, 1)
    with net.part("pair", "first"):
        x = net.conv(net.conv(x, 5, 1), 100, 1)
    x = net.conv(x, 10, 1)
    with net.part("pair", "second"):
        x = net.conv(net.conv(x, 20, 1), 1, 1)
    net.conv(x, 1, 1)
    graph = net.graph("pairs")
    whole = training_memory(graph)
    assert whole.layers == tuple([4 * n for n in (1000, 15, 5, 100, 10, 20, 1)])
    checkpoints = training_memory(graph, Assumptions(checkpoint=True))
    assert checkpoints.layers == tuple([4 * n for n in (1000, 15, 0, 100, 10 + 10, 20, 1)])


@pytest.mark.parametrize(
    ("batch", "kept"), [(1, (32 + 64 + 32, 32, 64)), (4, (4 * 32, 4 * 32, 4 * (64 + 64)))]
)
def test_which_block_is_the_largest_depends_on_the_batch(batch: int, kept: tuple[int, ...]) -> None:
    # A norm of 8 channels keeps 32 bytes an image and 64 once, a convolution of 16 has 64 an image.
    net = Net((8, 1, 1))
    with net.part("mine", "first"):
        x = net.op("batch_norm", net.input)
    x = net.conv(x, 16, 1)
    with net.part("mine", "second"):
        net.conv(x, 3, 1)
    graph = net.graph("blocks")
    assert training_memory(graph, Assumptions(batch=batch, checkpoint=True)).layers == kept


def test_a_map_of_one_element_is_dropped_into_a_new_one() -> None:
    net = Net((1, 1, 1))
    x = net.op("dropout", net.op("relu", net.conv(net.input, 1, 1)), rate=0.5)
    net.conv(x, 1, 1)
    # The convolutions their inputs, the activation its output, the dropout what it has drawn.
    assert training_memory(net.graph("one")).saved == 4 * 4


@pytest.mark.parametrize(("beside", "images"), [(0, 9), (64, 10)])
def test_what_an_eager_norm_makes_once_leaves_less_for_images(beside: int, images: int) -> None:
    # Three maps of 2,048 bytes are live: what the caller holds, and both sides of the norm.
    graph = bncalc.block("conv", (8, 8, 8), out=8, norm="batch")
    weights = 4 * (8 * 8 * 9 + 4 * 8)
    memory = weights + 10 * 3 * 2048 + beside
    training = training_memory(graph, Assumptions(memory=memory, policy=EAGER))
    assert training.fit is not None
    assert training.fit.inference == images


@each_of(
    [  # 4 + 4 + 4 of a weight and its like, 3 kept once, 7 for each image; one image runs in 8
        (15 + 4 * 7, 7, 4),
        (15 + 4 * 7 - 1, 7, 3),
        (15 + 7, 7, 1),
        (15, 7, 0),
        (1, 7, 0),
        (10**9, 0, 0),  # nothing is kept: how many images fit is not known from here
    ]
)
def test_images_share_what_is_left_of_a_memory(memory: int, each: int, images: int) -> None:
    def kept(images: int) -> KeptMemory:
        return KeptMemory((Occupancy(3, 1, 1, width=1), Occupancy(each * images, 1, 1, width=1)))

    graph = bncalc.block("conv", (1, 1, 1), out=1, kernel=1)._replace(ask_kept=kept)
    for batch in (1, 2, 5):
        training = training_memory(graph, Assumptions(batch=batch, memory=memory))
        assert (training.saved, training.total) == (batch * each + 3, batch * each + 15)
        assert training.fit is not None
        assert training.fit.training == images


def test_one_image_of_which_views_are_kept_may_fit_where_two_say_it_does_not() -> None:
    def kept(images: int) -> KeptMemory:  # 40 bytes of one image, 50 for each of more
        return KeptMemory((Occupancy(40 if images == 1 else 50 * images, 1, 1, width=1),))

    graph = bncalc.block("conv", (1, 1, 1), out=1, kernel=1)._replace(ask_kept=kept)
    for memory, images in ((12 + 150, 3), (12 + 99, 1), (12 + 40, 1), (12 + 39, 0)):
        training = training_memory(graph, Assumptions(memory=memory))
        assert training.saved == 40
        assert training.fit is not None
        assert training.fit.training == images


def test_what_holds_for_the_whole_is_named() -> None:
    training = Training(weights=1, gradients=2, optimizer=3, layers=(20, 9), frozen=(0, 0))
    numbers = {
        "saved_for_backward_bytes": 29,
        "gradient_bytes": 2,
        "optimizer_bytes": 3,
        "training_bytes": 35,
    }
    assert training.of_whole() == numbers
    assert replace(training, fit=Images(8, 7), unknown=("lstm",)).of_whole() == {
        **numbers,
        "inference_batch": 8,
        "training_batch": 7,
        "saved_unknown": ("lstm",),
    }


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(
    ("beside", "images"),
    [(10 * 4096, (10, 6)), (10 * 4096 - 1, (9, 6)), (4096, (1, 0)), (4095, (0, 0))],
)
def test_a_memory_holds_so_many_images_of_a_convolution(
    beside: int, images: tuple[int, int], batch: int
) -> None:
    # 8×8×8 floats in and out, 2,048 bytes each: 4,096 an image. Training keeps three such maps, 64
    # bytes of statistics, and a gradient of 4 bytes for each of 592 params.
    graph = bncalc.block("conv", (8, 8, 8), out=8, norm="batch", act="relu")
    weights = 4 * (8 * 8 * 9 + 4 * 8)
    assumed = Assumptions(batch=batch, memory=weights + beside, optimizer="sgd")
    training = training_memory(graph, assumed)
    assert training.fit == Images(*images)
    assert images[1] == max(0, (beside - 4 * 592 - 64) // (3 * 2048))


def test_what_is_not_known_to_be_kept_is_named(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: [4, 6]\nlayers: [lstm: {hidden: 3}, relu, lstm: {hidden: 3}]\n")
    (graph,) = bncalc.load(str(path))
    assert training_memory(graph).unknown == ("lstm1", "lstm2")
    report = bncalc.measure(graph, also=["training"])
    said = "kept for backward: not known, and left out: lstm1, lstm2"
    assert list(gaps(report, ("params", "training"))) == [said]
    assert list(gaps(report, ("params",))) == []
    known = bncalc.measure(bncalc.block("conv", (3, 8, 8), out=4), also=["training"])
    assert list(kept_gap([known])) == []


def test_a_layer_that_stands_for_copies_keeps_what_they_keep() -> None:
    net = Net((8, 8, 8), Defaults(norm="batch"))
    net.conv(net.conv(net.input, 8, 3), 8, 3)
    net.count(3, 5)  # the second convolution, which keeps its input, and its norm
    kept = (4 * MAP, 4 * MAP + 64, 5 * 4 * MAP, 5 * (4 * MAP + 64))
    training = training_memory(net.graph("counted"))
    assert training.layers == kept


def test_how_many_images_fit_is_the_largest_batch_that_does() -> None:
    graph = shipped.graph("mobilenet_v2")
    memory = 8 * 2**30
    fit = training_memory(graph, Assumptions(batch=3, memory=memory)).fit
    assert fit is not None
    fits, not_any_more = (
        training_memory(graph, Assumptions(batch=fit.training + n)) for n in (0, 1)
    )
    assert fits.total <= memory < not_any_more.total
    assert training_memory(graph, Assumptions(memory=2**20)).fit == Images(0, 0)
