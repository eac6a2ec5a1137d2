"""Ratios of designs, by hand."""

import bncalc


def test_a_ratio_is_the_design_over_the_baseline_and_none_if_that_has_nothing() -> None:
    plain, wide = (bncalc.measure(bncalc.block("conv", (4, 8, 8), out=out)) for out in (4, 6))
    linear = bncalc.measure(bncalc.block("linear", (4,), out=2, bias=True))
    comparison = bncalc.compare([plain, wide, linear])
    assert comparison.ratio(wide, "macs") == 1.5
    assert comparison.ratio(plain, "params") == 1
    assert comparison.ratio(linear, "params") == (4 * 2 + 2) / (4 * 9 * 4)
    assert comparison.ratio(linear, "elementwise") is None
