"""Numbers are exact, or rounded without telling a lie."""

from tests.render.verdict.examples import FAILED, GROWN, MACS_GROWN, PEAK, WEIGHTS
from tests.rows import each_of

from bncalc.budget.verdict import Check
from bncalc.render.verdict import figures


@each_of(
    [(846_080, 3_504_872, "+24.1 %"), (-5, 10, "−50.0 %"), (1, 10**9, "+<0.1 %"), (7, 0, "")],
)
def test_a_change_is_relative_to_the_base(delta: int, base: int, text: str) -> None:
    assert figures.relative(delta, base) == text


def test_bytes_are_exact_where_rounding_would_hide_the_side_of_the_limit() -> None:
    over = WEIGHTS._replace(value=18 * 1024**2 + 1)
    assert figures.short(over.value, over) == "18,874,369 B"
    assert figures.short(WEIGHTS.value, WEIGHTS) == "16.60 MiB"
    even = WEIGHTS._replace(value=18 * 1024**2)
    assert figures.short(even.value, even) == figures.limit(even) == "18.00 MiB"


def test_a_change_is_none_without_a_base_and_unchanged_without_a_difference() -> None:
    assert figures.change(FAILED._replace(base=None)) == ("", "")
    assert figures.change(PEAK) == ("unchanged", "")
    assert figures.change(FAILED) == ("+846,080", "+24.1 %")
    assert figures.change(WEIGHTS._replace(base=18 * 1024**2)) == ("−1.40 MiB", "−7.8 %")


def test_what_is_used_is_a_part_of_the_limit_or_of_the_growth() -> None:
    assert figures.used(FAILED) == "108.8 %"
    assert figures.used(MACS_GROWN) == "53.4 %"
    assert figures.used(GROWN._replace(value=1)) == "0.0 %"
    assert figures.used_share(GROWN._replace(value=1)) == 0
    assert figures.used(GROWN._replace(bound=GROWN.base)) == ""
    assert figures.used(FAILED._replace(rule="BN103")) == ""
    assert figures.used(FAILED._replace(bound=0, value=0)) == ""


@each_of(
    [
        (FAILED, "4,000,000"),
        (WEIGHTS, "18.00 MiB"),
        (GROWN, "+1%"),
        (MACS_GROWN, "+20,000,000"),
        (FAILED._replace(rule="BN102", written="25%"), "25%"),
        (FAILED._replace(rule="BN103"), "≥ 4,000,000"),
        (FAILED._replace(bound=None), ""),
    ]
)
def test_the_limit_is_written_as_its_rule_means_it(check: Check, text: str) -> None:
    assert figures.limit(check) == text
