"""Liveness against a simulator that walks the graph and counts who still needs what."""

import random
from collections import Counter

from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.assumptions import DEPLOY, EAGER, Assumptions, Policy
from bncalc.analysis.memory import liveness
from bncalc.model.graph import Graph, Occupancy
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape

NOTHING_IN_PLACE = Policy("none", False, False, False, False, False)
HELD = NOTHING_IN_PLACE._replace(name="held", hold_parts=True, hold_input=True)


def elements(graph: Graph, policy: Policy = DEPLOY) -> int:
    """Return the peak in elements: bytes where each element is one."""
    return liveness(graph, Assumptions(dtype="int8", policy=policy)).peak


def random_graph(seed: int) -> Graph:
    rng = random.Random(seed)
    net = Net(Shape(rng.randint(1, 4), 8, 8), bncalc.Defaults(norm=rng.choice(["none", "batch"])))
    maps = [net.input]
    for _ in range(rng.randint(1, 20)):
        if rng.random() < 0.2:
            with net.part("stage"):
                maps += [one_more(rng, net, maps) for _ in range(rng.randint(1, 4))][-1:]
        else:
            maps.append(one_more(rng, net, maps))
    return net.graph(str(seed))


def one_more(rng: random.Random, net: Net, maps: list[Tensor]) -> Tensor:
    x = rng.choice(maps[-3:])
    word = rng.choice(
        ["conv", "relu", "sigmoid", "add", "concat", "identity", "split", "batch_norm"]
    )
    if word == "conv":
        return net.conv(x, rng.randint(1, 6), 3, act=rng.choice(["none", "relu"]))
    if word == "add":
        return net.add(x, rng.choice([map for map in maps if map.shape == x.shape]))
    if word == "concat":
        return net.concat(x, rng.choice(maps))
    if word == "split":
        return net.op("split", x, parts=1)
    return net.op(word, x)


def simulate(graph: Graph, policy: Policy) -> int:
    """Run the graph with buffers that are freed when nobody holds them any more.

    A map is held by its readers to come; by the caller, where the policy says so; and by each part
    that was entered with it.
    """
    nodes = graph.nodes
    reads = Counter(i for node in nodes for i in node.inputs)
    waiting = {i: reads[i] for i in range(len(nodes))}
    if policy.hold_input:
        waiting[0] += 1
    held: Counter[int] = Counter()  # by the parts that are running
    frames: list[tuple[int, list[int]]] = []
    holders: dict[int, set[int]] = {}  # a buffer, and the nodes whose maps are in it
    sizes: dict[int, int] = {}
    buffer_of: dict[int, int] = {}
    peak = 0

    def drop(node: int) -> None:
        if not waiting[node] and not held[node] and node in holders.get(buffer_of[node], ()):
            buffer = buffer_of[node]
            holders[buffer].discard(node)
            if not holders[buffer]:
                del holders[buffer]

    for index, node in enumerate(nodes):
        for part in graph.parts if policy.hold_parts else ():
            if part.start == index:
                inside = nodes[part.start : part.stop]
                arrived = {i for node in inside for i in node.inputs if i < index}
                held.update(arrived)
                frames.append((part.stop, sorted(arrived)))
        target = None
        if node.op.storage == "view":
            target = buffer_of[node.inputs[0]]
        elif node.op.storage == "in_place" and getattr(policy, node.op.role):
            for source in node.inputs:
                buffer = buffer_of[source]
                needed = any(
                    waiting[other] > node.inputs.count(other) or not reads[other]
                    for other in range(index)
                    if buffer_of[other] == buffer
                )
                if not needed and nodes[source].output.elements == node.output.elements:
                    target = buffer
                    break
        if target is None:
            target = index
            sizes[target] = node.output.elements
        holders.setdefault(target, set()).add(index)
        buffer_of[index] = target
        peak = max(peak, sum(sizes[holder] for holder in holders))
        for source in node.inputs:
            waiting[source] -= 1
        for source in set(node.inputs):
            drop(source)
        while frames and frames[-1][0] == index + 1:
            for source in frames.pop()[1]:
                held[source] -= 1
                drop(source)
    return peak


def test_liveness_agrees_with_the_simulator() -> None:
    for seed in range(200):
        graph = random_graph(seed)
        for policy in (DEPLOY, NOTHING_IN_PLACE, HELD):
            assert elements(graph, policy) == simulate(graph, policy), (seed, policy)


KNOWN = {
    "resnet18": 1_003_520,
    "resnet50": 1_806_336,
    "mobilenet_v2": 1_505_280,
    "vgg16": 6_422_528,
    "squeezenet1_0": 1_492_992,
    "efficientnet_b0": 1_505_280,
}


@each_of(KNOWN)
def test_the_peak_of_known_networks_as_deployed(name: str) -> None:
    graph = shipped.graph(name)
    assert elements(graph) == KNOWN[name]


def test_the_add_alone_moves_resnet50_by_a_third() -> None:
    graph = shipped.graph("resnet50")
    assert elements(graph, Policy(add=False)) == 2_408_448


def test_depthwise_in_place_as_on_microcontrollers() -> None:
    graph = shipped.graph("mobilenet_v2")
    assert elements(graph, Policy(depthwise=True)) == 1_404_928


def test_the_peak_of_a_plain_convolution_is_its_input_and_output() -> None:
    memory = liveness(bncalc.block("plain", (256, 56, 56)), Assumptions(batch=2, dtype="float16"))
    each = 2 * 2 * 256 * 56 * 56
    assert memory.peak == 2 * each
    assert memory.live == (each, 2 * each)
    assert [part.size for part in memory.at(memory.step)] == [each, each]


def test_a_cross_stage_block_keeps_its_input_for_the_half_that_goes_past() -> None:
    graph = bncalc.block("c3", (64, 8, 8))
    held = {"the input": 64, "cv1, to be added": 32, "m0/conv1": 32, "m0/conv2": 32}
    assert elements(graph) == sum(held.values()) * 8 * 8


def test_what_a_run_held_is_the_eager_memory_and_no_other() -> None:
    graph = bncalc.block("conv", (1, 2, 5), out=2, kernel=1, norm=None, act="relu")
    assert graph.lifetimes == ()
    # Maps, eight bytes for all images alike, and a map of indices of eight bytes each.
    held = ((10, 0, 1), (20, 1, 2), (7, 2, 2), (4, 1, 1, 0, True), (3, 2, 2, 8))
    ran = graph._replace(lifetimes=tuple([Occupancy(*each) for each in held]))
    eager = Assumptions(policy="eager", batch=2, dtype="float16")  # 4 bytes for both images
    assert liveness(ran, eager).live == (40, 120 + 8, 108 + 2 * 24)
    # Where maps are written over, what counts is the plan: the input with the map, then the map.
    deploy = Assumptions(policy="deploy", batch=2, dtype="float16")
    assert liveness(ran, deploy).live == liveness(graph, deploy).live == (40, 120, 80)


def test_indices_live_for_their_step_and_training_only_layers_hold_nothing() -> None:
    # 4·6·6 floats arrive. The pool keeps 4·3·3 and makes an index of 8 bytes for each beside them.
    net = Net((4, 6, 6))
    pooled = net.op("max_pool", net.input, kernel=2)
    with net.training_only():
        net.op("max_pool", pooled, kernel=3)
    net.conv(pooled, 2, 1)
    graph = net.graph("pooled")
    eager = liveness(graph, Assumptions(policy=EAGER))
    assert eager.storages == (
        *((0, 4, 576), (1, 3, 144), (2, 2, 0), (3, 4, 72)),
        (1, 1, 8 * 36),  # none of the head's
    )
    assert eager.live == (576, 576 + 144 + 288, 576 + 144, 576 + 144 + 72)
    two_images = liveness(graph, Assumptions(policy=EAGER, batch=2))
    assert two_images.live == tuple([2 * size for size in eager.live])
    deploy = liveness(graph, Assumptions(policy=DEPLOY))
    assert deploy.live == (576, 576 + 144, 144, 144 + 72)
    assert (deploy.peak, deploy.step) == (720, 1)
    assert deploy.at(1) == ((0, 1, 576), (1, 3, 144))
    assert deploy.at(2) == ((1, 3, 144),)  # what is of no size is left out
    twice = bncalc.measure(graph, Assumptions(batch=2), ["live"])
    assert twice.columns() == {"live_bytes": (1440, 288, 432)}


def test_nothing_is_written_over_a_smaller_map() -> None:
    net = Net((4, 8, 8))
    gate = net.op("global_avg_pool", net.input)
    net.op("add", net.input, net.op("multiply", gate, net.input))
    live = liveness(net.graph("gated"), Assumptions(policy=DEPLOY)).live
    assert live == (1024, 1024 + 16, 1024 + 16 + 1024, 1024 + 1024)


def test_statistics_are_of_each_image() -> None:
    norm = bncalc.block("layer_norm", (4, 6, 6))  # a mean and a deviation of each position
    live = liveness(norm, Assumptions(policy=EAGER, batch=3)).live
    assert live == (3 * 576, 3 * (2 * 576 + 4 * 2 * 36))


# Bytes at batch 1, measured in PyTorch 2.13 on the meta device: every storage that is made, until
# it is freed, the model in evaluation mode without gradients.
EAGER_PEAKS = """
alexnet 1936384
convnext_large 24686592
convnext_small 12644352
convnext_tiny 12644352
densenet121 10637312
densenet161 15654912
densenet169 10637312
efficientnet_b0 11039488
efficientnet_b1 12672768
efficientnet_b4 46786752
efficientnet_v2_s 21235200
googlenet_aux 7025152
mnasnet0_75 6222208
mnasnet1_0 6222208
mobilenet_v2 11039488
mobilenet_v3_large 7827968
mobilenet_v3_small 2609728
regnet_x_400mf 5820672
regnet_y_400mf 7627136
regnet_y_8gf 27498240
resnet18 7025152
resnet34 7025152
resnet50 11040768
resnet101 11040768
resnet152 11040768
resnext50_32x4d 11040768
shufflenet_v2_x0_5 3010752
shufflenet_v2_x1_0 3010752
shufflenet_v2_x2_0 4347472
squeezenet1_0 8523648
squeezenet1_1 6079488
vgg11 23080960
vgg16 26292224
vgg16_bn 26292736
vgg19_bn 26292736
wide_resnet50_2 11040768
"""


ONE_MODULE = """
efficientnet_b0 11039488
efficientnet_v2_s 21235200
googlenet_aux 7025152
inception_v3_aux 14903084
mobilenet_v2 11039488
mobilenet_v3_large 7827968
regnet_y_400mf 7627136
"""


@each_of(
    [(EAGER, EAGER_PEAKS), (EAGER._replace(hold_layers=True), ONE_MODULE)], ids=["each", "one"]
)
def test_the_eager_peak_is_what_pytorch_needs_to_the_byte(policy: Policy, peaks: str) -> None:
    """A convolution and its norm may be one module that holds its input."""
    measured = {name: int(peak) for name, peak in map(str.split, peaks.strip().splitlines())}
    assumptions = Assumptions(policy=policy)
    assert measured == {name: liveness(shipped.graph(name), assumptions).peak for name in measured}


def test_inception_alone_needs_to_be_told_that_they_are() -> None:
    graph = shipped.graph("inception_v3_aux")
    assert liveness(graph, Assumptions(policy=EAGER)).peak == 14_903_084 - 4 * 32 * 147 * 147


def test_a_view_of_nothing_is_a_map_of_its_own() -> None:
    net = Net(Shape(4, 5))
    made = net.place(Foreign(Facts("other.thing", Shape(4, 5), storage="view")))
    net.add(net.input, made)
    assert elements(net.graph("made")) == 2 * 20
