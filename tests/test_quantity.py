"""Quantities, exact to the last digit, and what is no quantity."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.rows import each_of

from bncalc.quantity import Unit, first_few, quantity


@each_of(
    [
        ("4000000", "count", 4_000_000),
        ("4_000_000", "count", 4_000_000),
        ("4.5M", "count", 4_500_000),
        ("0.1k", "count", 100),
        ("3.504872M", "count", 3_504_872),  # in floats 3504872.0000000005
        ("1.1G", "count", 1_100_000_000),
        ("2T", "count", 2 * 10**12),
        ("4 M", "count", 4_000_000),
        ("1e6", "count", 1_000_000),
        ("0", "count", 0),
        ("0.0005", "count", Fraction(1, 2000)),
        ("512 B", "bytes", 512),
        ("18 kB", "bytes", 18_000),
        ("18MB", "bytes", 18_000_000),
        ("1.5 GB", "bytes", 1_500_000_000),
        ("18 KiB", "bytes", 18_432),
        ("0.5MiB", "bytes", 524_288),
        ("24 GiB", "bytes", 24 * 2**30),
    ]
)
def test_a_number_is_exact(text: str, unit: Unit, number: int | Fraction) -> None:
    amount = quantity(text, unit)
    assert (amount.number, amount.share, amount.written) == (number, False, text)


@pytest.mark.parametrize("unit", ["count", "bytes"])
@pytest.mark.parametrize(
    ("text", "part"),
    [("1%", (1, 100)), ("0.1 %", (1, 1000)), ("100%", (1, 1)), ("33.3%", (333, 1000))],
)
def test_a_percentage_is_an_exact_fraction(text: str, part: tuple[int, int], unit: Unit) -> None:
    amount = quantity(text, unit)
    assert (amount.number, amount.share) == (Fraction(*part), True)
    assert amount.of(1000) == 1000 * Fraction(*part)


@each_of(
    [
        ("18", "bytes", "'18' has no unit; write bytes with a unit, such as 18 MiB"),
        ("18M", "bytes", "'18M' is a count, and this is in bytes"),
        ("18 mib", "bytes", "write 18 MiB"),
        ("18 KB", "bytes", "write 18 kB"),
        ("18 MiB", "count", "'18 MiB' is in bytes, and this is a count"),
        ("4m", "count", "write 4M"),
        ("4 million", "count", "write a count such as 4_000_000, 4M or 1.5G"),
        ("4,000,000", "count", "cannot read '4,000,000'"),
        ("-4M", "count", "cannot read '-4M'"),
        ("", "count", "cannot read ''"),
        ("true", "count", "cannot read 'true'"),
        ("0x10", "count", "cannot read '0x10'"),
        ("1" + "_000" * 5000, "count", "cannot read '1_000"),
        ("1e999999999", "count", "cannot read"),
        ("nan", "count", "cannot read 'nan'"),
        ("1" * 5000, "count", "cannot read '1111"),
    ]
)
def test_what_is_no_quantity_is_told_what_would_be(text: str, unit: Unit, said: str) -> None:
    with pytest.raises(ValueError, match="write") as caught:
        quantity(text, unit)
    assert said in str(caught.value)


@given(st.text(), st.sampled_from(["count", "bytes"]))
@example("4.5M", "count")
def test_any_text_is_a_quantity_or_refused(text: str, unit: Unit) -> None:
    try:
        amount = quantity(text, unit)
    except ValueError:
        return
    assert amount.number >= 0


def test_of_many_names_the_first_three_are_said_and_how_many_more_there_are() -> None:
    assert [first_few("abcd"[:n]) for n in range(5)] == [
        "", "a", "a, b", "a, b, c", "a, b, c and 1 more",
    ]  # fmt: skip
    assert first_few(["x"] * 1003) == "x, x, x and 1,000 more"
