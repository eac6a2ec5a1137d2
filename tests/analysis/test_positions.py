"""Positions: nodes are paired by what leads to them, what hands on being looked through."""

from bncalc.analysis.positions import Round, Wiring, by_position


def test_what_is_alike_is_paired_by_what_leads_to_it() -> None:
    # The input, x after it, y after x, and two k: one after x, one after y.
    ours = Wiring(([], [0], [1], [1], [2]), [False] * 5, {3, 4})
    # The same with the two k in the other order, and a pool between x and its k.
    theirs = Wiring(([], [0], [1], [2], [1], [4]), [*[False] * 4, True, False], {3, 5})
    kinds = ("in", "x", "y", "k", "k"), ("in", "x", "y", "k", "pool", "k")
    pairs = by_position(ours, theirs, {0: 0}, [Round(*kinds, "before", bold=False)])
    assert pairs == {0: 0, 1: 1, 2: 2, 3: 5, 4: 3}
