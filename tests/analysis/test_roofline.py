"""Bounds of time: rows by hand, sums, and what a type or a batch changes."""

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.amounts import told
from bncalc.analysis.assumptions import DEPLOY, DTYPES, Assumptions
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.analysis.roofline import Bound, Intensity, intensity, intensity_result, roofline
from bncalc.devices import DEVICES
from bncalc.language.device import open_device
from bncalc.model.cost import Cost
from bncalc.model.device import Device
from bncalc.model.net import Net
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape

# One operation a second and one byte a second: bounds are counts.
ONES = Device("ones", dict.fromkeys(DTYPES, 1), 1)
SLOW_MEMORY = Device("slow memory", dict.fromkeys(DTYPES, 10**6), 1)


def measured(assumptions: Assumptions, *, groups: int = 1, act: str = "none") -> Report:
    net = Net(Shape(8, 4, 4))
    net.conv(net.input, 16, 3, groups=groups, act=act)
    return measure(net.graph("one"), assumptions)


@each_of(
    [
        (Assumptions(), 4 * (8 * 16 + 16 * 16) + 4 * 8 * 9 * 16),
        (Assumptions(batch=8), 8 * 4 * (8 * 16 + 16 * 16) + 4 * 8 * 9 * 16),
        (Assumptions(dtype="int8"), 8 * 16 + 16 * 16 + 8 * 9 * 16),
        (Assumptions(1, "int8", "float16"), 2 * (8 * 16 + 16 * 16) + 8 * 9 * 16),
    ],
    ids=["float32", "a batch of 8", "int8", "int8 weights, float16 maps"],
)
def test_one_convolution_by_hand(assumptions: Assumptions, traffic: int) -> None:
    """8 → 16 channels, 3×3, on 4×4; the weights are read once for the whole batch."""
    report = measured(assumptions)
    operations = 2 * 8 * 9 * 16 * 16 * assumptions.batch
    assert report.totals.traffic_bytes == traffic
    fast, slow = (roofline(report, device).bounds for device in (SLOW_MEMORY, ONES))
    assert fast == (Bound(traffic, "memory"),)
    assert slow == (Bound(operations, "compute"),)


def test_intensity_is_two_operations_a_mac_for_each_byte() -> None:
    report = measured(Assumptions(batch=8), act="relu")
    macs, bytes_of = 8 * 9 * 16 * 16, 4 * (8 * 16 + 16 * 16)
    whole = 2 * 8 * macs / (8 * bytes_of + 4 * 8 * 9 * 16)
    assert intensity(report, report.layers) == whole
    result = intensity_result(Net(Shape(1)).graph("other"), report)
    assert result == Intensity(whole, (whole, None))  # the activation moves nothing by itself


def test_depthwise_saves_operations_and_hardly_time() -> None:
    """Eight times fewer MACs; the same maps go to and fro."""
    plain, depthwise = measured(Assumptions()), measured(Assumptions(), groups=8)
    assert plain.totals.macs == 8 * depthwise.totals.macs
    times = [roofline(block, SLOW_MEMORY).seconds for block in (plain, depthwise)]
    assert times == [1536 + 4608, 1536 + 4608 / 8]


def test_on_the_ridge_compute_is_the_wall() -> None:
    report = measured(Assumptions())
    operations, traffic = report.totals.flops, report.totals.traffic_bytes
    bound = roofline(report, Device("", dict.fromkeys(DTYPES, operations), traffic)).bounds
    assert bound == (Bound(1.0, "compute"),)


def test_an_activation_runs_with_its_convolution() -> None:
    fused = measured(Assumptions(), act="relu")
    assert [layer.fused for layer in fused.layers] == [False, True]
    assert fused.totals.traffic_bytes == measured(Assumptions()).totals.traffic_bytes
    (bound, nothing) = roofline(fused, ONES).bounds
    assert bound == Bound(2 * 8 * 9 * 16 * 16 + 16 * 16, "compute")
    assert nothing is None


def test_an_activation_of_the_input_runs_with_nothing() -> None:
    net = Net((4, 16, 16))
    net.op("relu", net.input)
    (relu,) = measure(net.graph("")).layers
    assert (relu.fused, relu.traffic) == (False, 2 * 4 * 16 * 16 * 4)


def test_an_activation_that_is_not_in_place_moves_its_maps() -> None:
    apart = measured(Assumptions(policy=DEPLOY._replace(act=False)), act="relu")
    assert apart.layers[1].traffic == 2 * 4 * 16 * 16
    assert roofline(apart, SLOW_MEMORY).bounds[1] == Bound(2 * 4 * 16 * 16, "memory")


def test_what_another_layer_reads_is_not_fused() -> None:
    net = Net(Shape(8, 4, 4))
    x = net.conv(net.input, 8, 3)
    net.add(net.op("relu", x), x)
    assert [layer.fused for layer in measure(net.graph("")).layers] == [False, False, False]


@each_of([("d", True), ("dd", False), ("dx", False), ("ddx", False)])
def test_who_reads_what_is_only_handed_on_reads_the_map_itself(readers: str, fused: bool) -> None:
    net = Net(Shape(8, 4, 4))
    x = net.conv(net.input, 8, 3)
    d = net.op("dropout", x)
    for reader in readers:
        net.op("relu", {"d": d, "x": x}[reader])
    net.op("conv", net.op("add", net.input, net.input), out=8)
    assert measure(net.graph("")).layers[2].fused == fused


def test_a_view_and_a_parameter_move_nothing_by_themselves() -> None:
    net = Net(Shape(8, 4, 4))
    x = net.op("reshape", net.input, to=(4, 8, 4))
    net.add(x, net.op("parameter", shape=(4, 8, 4)))
    assert [one.traffic for one in measure(net.graph("")).layers] == [0, 0, 3 * 4 * 128]


@each_of(["mobilenet_v1", "resnet50", "densenet121", "yolov5s"])
def test_bounds_add_up_and_none_is_below_either_wall(network: str) -> None:
    report = measure(shipped.graph(network))
    device = open_device("raspberry_pi_5", DTYPES)
    assert device.bandwidth is not None
    bound_read = roofline(report, device)
    assert bound_read.seconds == pytest.approx(
        sum(bound.seconds for bound in bound_read.bounds if bound)
    )
    assert bound_read.seconds >= report.totals.flops / device.peak["float32"]
    assert bound_read.seconds >= report.totals.traffic_bytes / device.bandwidth
    assert 0 < bound_read.memory_seconds < bound_read.seconds
    assert len(bound_read.bounds) == len(report.layers)


def test_int8_moves_a_quarter() -> None:
    device = open_device("raspberry_pi_5", DTYPES)
    graph = shipped.graph("mobilenet_v1")
    seconds = [
        roofline(measure(graph, Assumptions(dtype=dtype)), device).seconds
        for dtype in ("float32", "int8")
    ]
    assert seconds[0] == pytest.approx(4 * seconds[1])  # this device is 4 times as fast at int8


@each_of(
    [
        ("float32", None, "float32"),
        ("int8", "float16", "float16"),
        ("float32", "int8", "float32"),
        ("float16", "bfloat16", "bfloat16"),
    ],
)
def test_products_run_in_the_wider_type(weights: str, maps: str | None, arithmetic: str) -> None:
    report = measured(Assumptions(1, weights, maps))
    assert roofline(report, ONES).arithmetic == arithmetic


def test_a_device_without_the_type_says_which_it_has() -> None:
    report = measured(Assumptions())
    with pytest.raises(bncalc.UsageError, match=r"npu has no peak for float32; .* one of int8$"):
        roofline(report, Device("npu", {"int8": 1}, 1))


def test_a_device_with_memory_only_has_no_lower_bound() -> None:
    with pytest.raises(bncalc.UsageError, match="board has no peak and bandwidth"):
        roofline(measured(Assumptions()), Device("board", ram=1024))


@each_of(DEVICES)
def test_every_device_has_its_figures_and_their_source(name: str) -> None:
    device = open_device(name, DTYPES)
    assert device.name == name
    assert bool(device.peak) == (device.bandwidth is not None)
    assert device.bandwidth is None or device.bandwidth > 10**9
    assert device.peak or (device.ram and device.core)
    assert len(device.source) > 40
    assert device.description


@each_of(
    [
        ("a100", "float16", 312e12, 2039e9),
        ("a100", "int8", 624e12, 2039e9),
        ("ryzen_7840u", "float32", 8 * 5.1e9 * 32, 120e9),
        ("exynos_2400_npu", "int8", 41.639936e12, 68.264e9),
        ("raspberry_pi_5", "float32", 153.6e9, 17.068e9),
        ("stm32f746", "int8", 864e6, 1.728e9),
    ]
)
def test_figures_of_devices(name: str, kind: str, peak: float, bandwidth: float) -> None:
    device = open_device(name, DTYPES)
    assert (device.peak[kind], device.bandwidth) == (peak, bandwidth)


def test_a_layer_that_only_moves_maps_takes_its_own_time() -> None:
    """Its traffic is not taken to run beside the arithmetic of the layer before it."""
    net = Net(Shape(8, 4, 4))
    net.op("upsample", net.conv(net.input, 16, 3))
    convolution, moving = roofline(measure(net.graph("two"), Assumptions()), ONES).bounds
    assert convolution == Bound(2 * 8 * 9 * 16 * 16, "compute")
    assert moving == Bound(4 * (16 * 4 * 4 + 16 * 8 * 8), "memory")


def test_a_layer_that_works_on_a_map_where_it_lies_takes_its_own_time() -> None:
    """Operations on a view of a map do not hide behind the traffic of the layer before."""
    net = Net(Shape(8, 4, 4))
    turned = Facts("other.turn", Shape(16, 4, 4), Cost(elementwise=1000), storage="view")
    net.place(Foreign(turned), net.conv(net.input, 16, 3))
    bounds = roofline(measure(net.graph("two")), SLOW_MEMORY).bounds
    assert bounds == (Bound(1536 + 4608, "memory"), Bound(1000 / 10**6, "compute"))


def test_what_the_layers_and_the_whole_take_is_told() -> None:
    net = Net(Shape(8, 4, 4))
    net.op("upsample", net.conv(net.input, 16, 3, act="relu"))
    report = measure(net.graph("two"), Assumptions(device=ONES), also=["roofline"])
    computed, moved = 2 * 8 * 9 * 16 * 16 + 16 * 16, 4 * (16 * 4 * 4 + 16 * 8 * 8)
    assert report.columns()["lower_bound_seconds"] == [computed, 0.0, moved]
    assert told("lower_bound_seconds")(report) == [computed, 0.0, moved]
    assert report.columns()["wall"] == ["compute", None, "memory"]
    numbers = report.numbers()
    assert numbers["lower_bound_seconds"] == computed + moved
    assert numbers["memory_bound_share"] == moved / (computed + moved)
    nothing = roofline(measure(Net(Shape(8, 4, 4)).graph("nothing")), ONES)
    assert (nothing.seconds, nothing.memory_share) == (0, 0)
