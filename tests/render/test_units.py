"""Numbers as people read them."""

import pytest

from bncalc.render.units import duration


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
