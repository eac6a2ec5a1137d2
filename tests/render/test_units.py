"""Numbers as people read them."""

import pytest

from bncalc.render.units import duration, si, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3.2e-9, "3.2 ns"),
        (0.0, "0 ns"),
        (7.554e-5, "75.5 µs"),
        (0.0009994, "999 µs"),
        (0.0009997, "1 ms"),
        (0.25, "250 ms"),
        (1.5, "1.5 s"),
        (3600.0, "3,600 s"),
    ],
)
def test_a_duration_has_three_digits_and_its_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1.00 KiB"),
        (6_422_528, "6.13 MiB"),  # 6.125
        (9_633_792, "9.19 MiB"),  # 9.1875
        (-6_422_528, "-6.13 MiB"),
        (2**60 + 2**52, "1,028 PiB"),
    ],
)
def test_a_size_has_four_digits_at_most_and_rounds_a_half_up(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(999, "999"), (1_000, "1.000 k"), (4_089_184_256, "4.089 G"), (1_234_500, "1.235 M")],
)
def test_a_count_has_four_digits(number: int, text: str) -> None:
    assert si(number) == text
