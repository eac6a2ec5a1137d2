"""Sections of a report: each part has the sum of its layers, and of no other."""

import pytest
from tests import shipped

import bncalc
from bncalc.analysis.memory import Live
from bncalc.analysis.receptive_field import Fields
from bncalc.analysis.training import Training
from bncalc.model.cost import Cost
from bncalc.model.ops.convolution import Linear


def test_a_section_is_the_sum_of_its_layers() -> None:
    for name in ("resnet18", "googlenet_aux"):
        report = shipped.report(name)
        assert report.sections
        for section in report.sections:
            layers = report.layers[section.start : section.stop]
            assert all(layer.path.startswith(section.path) for layer in layers)
            assert section.cost == sum([layer.cost for layer in layers], Cost())
            assert section.traffic == sum([layer.traffic for layer in layers])
            assert section.output == layers[-1].output


def test_sections_begin_and_end_with_their_parts() -> None:
    net = bncalc.Net((3, 8, 8))
    x = net.conv(net.input, 4, 3)
    with net.part("stage", "first"):
        x = net.op("relu", net.conv(x, 5, 3))
    with net.part("stage", "second"):
        net.conv(x, 6, 1)
    report = bncalc.measure(net.graph("parts"))
    assert (report.input, report.output) == ((3, 8, 8), (6, 8, 8))
    first, second = report.sections
    assert (first.path, first.start, first.stop) == ("first", 1, 3)
    assert (first.output, first.cost.weights) == ((5, 8, 8), 4 * 5 * 9)
    assert (second.path, second.start, second.stop) == ("second", 3, 4)
    assert (second.output, second.cost.weights) == ((6, 8, 8), 5 * 6)


def test_of_several_inputs_the_first_is_the_input_and_of_outputs_the_last_the_output() -> None:
    net = bncalc.Net((3, 8, 8))
    further = net.further_input((2, 4, 4), "further")
    net.conv(net.input, 5, 1)
    net.conv(further, 6, 1)
    report = bncalc.measure(net.graph("two"), also=["live", "training"])
    assert (report.input, report.output) == ((3, 8, 8), (6, 4, 4))
    assert report.paths == ("in", "further", "conv1", "conv2")
    assert report.result(Live).layers == report.memory.live[1:]
    assert report.result(Training).weights == 4 * (3 * 5 + 2 * 6)
    with pytest.raises(LookupError, match="the report of two holds no Fields"):
        report.result(Fields)


def test_a_network_without_parts_has_no_sections() -> None:
    net = bncalc.Net((3, 8, 8))
    net.op("conv", net.input, out=4)
    assert bncalc.measure(net.graph("plain")).sections == ()


def test_a_layer_that_counts_for_several_reads_and_writes_as_often() -> None:
    net = bncalc.Net((4, 8, 8))
    net.conv(net.input, 4, 1)
    begun = len(net) - 1
    net.count(begun, 3)
    (layer,) = bncalc.measure(net.graph("counted")).layers
    assert layer.cost == Cost(weights=3 * 16, macs=3 * 16 * 64, activations=3 * 256)
    assert layer.traffic == 3 * 4 * (256 + 16 + 256)


def test_weights_take_the_width_assumed_or_their_own() -> None:
    graph = bncalc.block("conv", (8, 8, 8), out=4, norm="batch")
    convolution, norm = bncalc.measure(graph).layers
    assert convolution.weight_bytes(2) == 2 * 8 * 4 * 9
    assert norm.weight_bytes(2) == 2 * (2 * 4 + 2 * 4)  # scales and shifts, means and variances
    assert norm._replace(stored=7).weight_bytes(2) == 7
    net = bncalc.Net((8, 8, 8))
    net.store(net.conv(net.input, 4, 3), 8 * 9 * 4 * 3 + 1)  # three bits each, and one more
    (packed,) = bncalc.measure(net.graph("packed")).layers
    assert packed.weight_bytes(2) == packed.stored == 8 * 9 * 4 * 3 // 8 + 1


def test_layers_that_are_alike_but_for_their_bits_are_stored_in_their_own() -> None:
    net = bncalc.Net((8,))
    op = Linear(out=8, bias=False)
    first = net.place(op, net.input)
    net.store(first, 4 * 8 * 8)
    net.store(net.place(op, first), 2 * 8 * 8)
    report = bncalc.measure(net.graph("packed"))
    assert [layer.stored for layer in report.layers] == [32, 16]
    assert report.totals.weight_bytes == 48
