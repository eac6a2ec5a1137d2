"""Activations by hand."""

import bncalc


def test_a_prelu_has_one_slope_unless_it_is_told_to_have_one_for_each_channel() -> None:
    # nn.PReLU() and nn.PReLU(64) of PyTorch, after a 9×9 convolution with a bias.
    before = 3 * 9 * 9 * 64 + 64
    graph = bncalc.block("conv", (3, 24, 24), out=64, kernel=9, bias=True, act="prelu")
    assert bncalc.measure(graph).totals.params == before + 1 == 15_617
    slopes = {
        slopes: bncalc.measure(bncalc.block("prelu", (64, 24, 24), slopes=slopes)).totals.params
        for slopes in ("one", "channel")
    }
    assert slopes == {"one": 1, "channel": 64}
