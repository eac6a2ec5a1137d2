"""Decisions by hand: whole numbers decide, percentages are exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rows import each_of

from bncalc.budget.budgets import Limit, LimitKind
from bncalc.budget.decision import Amount, Decision, decide, over_by, worse
from bncalc.errors import Location
from bncalc.quantity import quantity


def limit(kind: LimitKind, hard: str | None, warn: str | None = None) -> Limit:
    read = [None if text is None else quantity(text, "count") for text in (hard, warn)]
    return Limit(kind, "params", read[0], read[1], Location(""))


@each_of([
        # limits are inclusive
        (limit("max", "4M"), 4_000_000, 0, "BN101", "pass", 4_000_000, "4M"),
        (limit("max", "4M"), 4_000_001, 0, "BN101", "fail", 4_000_000, "4M"),
        (limit("max", "4M", "3M"), 3_000_000, 0, "BN101", "pass", 4_000_000, "4M"),
        (limit("max", "4M", "3M"), 3_000_001, 0, "BN101", "warn", 3_000_000, "3M"),
        (limit("max", "4M", "3M"), 4_000_001, 0, "BN101", "fail", 4_000_000, "4M"),
        (limit("max", None, "3M"), 9_000_000, 0, "BN101", "warn", 3_000_000, "3M"),
        (limit("max", None, "3M"), 3_000_000, 0, "BN101", "pass", 3_000_000, "3M"),
        (limit("min", "10"), 10, 0, "BN103", "pass", 10, "10"),
        (limit("min", "10"), 9, 0, "BN103", "fail", 10, "10"),
        # a limit between two whole numbers
        (limit("max", "0.0105k"), 10, 0, "BN101", "pass", 10, "0.0105k"),
        (limit("max", "0.0105k"), 11, 0, "BN101", "fail", 10, "0.0105k"),
        (limit("min", "0.0105k"), 10, 0, "BN103", "fail", 11, "0.0105k"),
        # shares: a third of 9 is 3, a tenth of 1005 is 100.5
        (limit("max", "25%"), 25, 100, "BN102", "pass", 25, "25%"),
        (limit("max", "25%"), 26, 100, "BN102", "fail", 25, "25%"),
        (limit("max", "10%"), 100, 1005, "BN102", "pass", 100, "10%"),
        (limit("max", "10%"), 101, 1005, "BN102", "fail", 100, "10%"),
        (limit("max", "25%"), 0, 0, "BN102", "pass", 0, "25%"),
        (limit("max", "25%", "20"), 21, 100, "BN101", "warn", 20, "20"),
        # growth: of 3,504,872 by 1 % is 35,048.72 more
        (limit("growth", "1%"), 3_539_920, 3_504_872, "BN201", "pass", 3_539_920, "1%"),
        (limit("growth", "1%"), 3_539_921, 3_504_872, "BN201", "fail", 3_539_920, "1%"),
        (limit("growth", "20M"), 120_000_000, 100_000_000, "BN201", "pass", 120_000_000, "20M"),
        (limit("growth", "20k", "5k"), 120_000, 100_000, "BN201", "warn", 105_000, "5k"),
        (limit("growth", "0%"), 100, 100, "BN201", "pass", 100, "0%"),
        (limit("growth", "0%"), 50, 100, "BN201", "pass", 100, "0%"),
        (limit("growth", "5%"), 1, 0, "BN201", "fail", 0, "5%"),
    ])  # fmt: skip
def test_by_hand(
    rule: Limit, value: int, whole: int, code: str, status: str, bound: int, written: str
) -> None:
    decision = decide(rule, Amount(value, whole))
    assert decision == Decision(code, status, bound, written)  # type: ignore[arg-type]


@each_of([
    (limit("max", "4k"), 4_003, 3),
    (limit("max", "4k"), 3_990, -10),
    (limit("min", "4k"), 3_990, 10),
    (limit("min", "4k"), 4_003, -3),
    (limit("growth", "10%"), 112, 2),
])  # fmt: skip
def test_how_far_a_number_is_beyond_its_hard_limit(rule: Limit, value: int, over: int) -> None:
    assert over_by(rule, Amount(value, 100)) == over


def test_a_smaller_change_than_what_is_ignored_is_none() -> None:
    none_at_all, tenth = limit("growth", "0%"), Fraction(1, 1000)
    assert decide(none_at_all, Amount(10_009, 10_000), tenth).status == "pass"
    assert decide(none_at_all, Amount(10_010, 10_000), tenth).status == "fail"  # not smaller
    assert decide(limit("growth", "1%"), Amount(10_100, 10_000), tenth).status == "pass"


def test_worse_is_farther_on_the_wrong_side() -> None:
    most, least, share = limit("max", "4M"), limit("min", "4M"), limit("max", "25%")
    none = Fraction(0)
    assert worse(most, Amount(11, 0), Amount(10, 0), none)
    assert not worse(most, Amount(10, 0), Amount(10, 0), none)
    assert worse(least, Amount(9, 0), Amount(10, 0), none)
    assert not worse(least, Amount(11, 0), Amount(10, 0), none)
    assert not worse(share, Amount(60, 200), Amount(30, 100), none)  # 30 % then, 30 % now
    assert worse(share, Amount(61, 200), Amount(30, 100), none)
    assert not worse(limit("max", None, "25%"), Amount(60, 200), Amount(30, 100), none)
    assert not worse(most, Amount(10_009, 0), Amount(10_000, 0), Fraction(1, 1000))
    assert worse(most, Amount(10_010, 0), Amount(10_000, 0), Fraction(1, 1000))


PERCENT = st.integers(0, 10**6).map(
    lambda thousandths: f"{thousandths // 1000}.{thousandths % 1000:03}%"
)


@given(PERCENT, st.integers(0, 10**15), st.integers(0, 10**15))
def test_growth_is_decided_by_the_exact_fraction(percent: str, base: int, value: int) -> None:
    thousandths = int(percent[:-1].replace(".", ""))
    grown_too_much = (value - base) * 100_000 > base * thousandths
    decision = decide(limit("growth", percent), Amount(value, base))
    assert (decision.status == "fail") == grown_too_much


@pytest.mark.parametrize(("value", "status"), [(252, "pass"), (253, "fail")])
def test_growth_smaller_than_a_share_that_is_no_whole_number_is_none(
    value: int, status: str
) -> None:
    # 1 % of 250 is 2.5: 2 more is less than that, 3 more is not.
    decision = decide(limit("growth", "0%"), Amount(value, 250), Fraction(1, 100))
    assert (decision.status, decision.bound) == (status, 252)
