"""Sections of a report: each part has the sum of its layers, and of no other."""

from tests import shipped

import bncalc
from bncalc.model.cost import Cost


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


def test_a_network_without_parts_has_no_sections() -> None:
    net = bncalc.Net((3, 8, 8))
    net.op("conv", net.input, out=4)
    assert bncalc.measure(net.graph("plain")).sections == ()


def test_weights_take_the_width_assumed_or_their_own() -> None:
    graph = bncalc.block("conv", (8, 8, 8), out=4, norm="batch")
    convolution, norm = bncalc.measure(graph).layers
    assert convolution.weight_bytes(2) == 2 * 8 * 4 * 9
    assert norm.weight_bytes(2) == 2 * (2 * 4 + 2 * 4)  # scales and shifts, means and variances
    assert norm._replace(stored=7).weight_bytes(2) == 7
