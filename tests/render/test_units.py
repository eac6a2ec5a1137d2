"""Numbers as people read them."""

from hypothesis import given
from hypothesis.strategies import integers
from tests.rows import each_of

from bncalc.render.units import duration, growth, ratio, share, si, sides, size


@each_of(
    [
        (3.2e-9, "3.2 ns"),
        (0.0, "0 ns"),
        (7.554e-5, "75.5 µs"),
        (0.0009994, "999 µs"),
        (0.0009997, "1 ms"),
        (0.25, "250 ms"),
        (1.5, "1.5 s"),
        (999.7, "1,000 s"),
        (3600.0, "3,600 s"),
    ]
)
def test_a_duration_has_three_digits_and_its_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@each_of(
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1.00 KiB"),
        (6_422_528, "6.13 MiB"),  # 6.125
        (9_633_792, "9.19 MiB"),  # 9.1875
        (-6_422_528, "−6.13 MiB"),
        (1023 * 1024 + 511, "1,023 KiB"),
        (1023 * 1024 + 512, "1.00 MiB"),
        (2**60 + 2**52, "1,028 PiB"),
    ]
)
def test_a_size_has_four_digits_at_most_and_rounds_a_half_up(number: int, text: str) -> None:
    assert size(number) == text


@each_of(
    [
        (999, "999"),
        (1_000, "1.000 k"),
        (4_089_184_256, "4.089 G"),
        (1_234_500, "1.235 M"),
        (999_499, "999.5 k"),
        (999_500, "1.000 M"),  # and not 1,000 k
        (-999_999, "−1.000 M"),
    ]
)
def test_a_count_has_four_digits(number: int, text: str) -> None:
    assert si(number) == text


@each_of(
    [(0, "0×"), (1, "="), (1.666, "1.67×"), (99.99, "99.99×"), (100, "100×"), (0.118, "÷8.47"),
     (0.01, "÷100"), (2_500.4, "2,500×")]
)  # fmt: skip
def test_a_ratio_needs_no_grammar(value: float, text: str) -> None:
    assert ratio(value) == text


@each_of(
    [
        (4_350_952, 4_000_000, "108.8 %"),
        (311_449_472, 315_000_000, "98.9 %"),
        (1, 1, "100.0 %"),
        (4_000_001, 4_000_000, "100.1 %"),  # 100.000025 is more than all
        (3_999_999, 4_000_000, "99.9 %"),
        (0, 5, "0.0 %"),
        (846_080, 35_048, "2,414.1 %"),
    ]
)
def test_a_percentage_stays_on_its_side_of_the_whole(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@given(integers(0, 10**15), integers(1, 10**15))
def test_any_percentage_tells_which_is_larger(part: int, whole: int) -> None:
    shown = float(share(part, whole).rstrip(" %").replace(",", ""))
    assert (shown > 100) == (part > whole)
    assert (shown < 100) == (part < whole)


@each_of(
    [
        (3_504_872, 4_350_952, "+24.1 %"),
        (10, 5, "−50.0 %"),
        (10**9, 10**9 + 1, "+<0.1 %"),
        (2000, 1999, "−0.1 %"),
        (1, 25, "+2,400.0 %"),
        (7, 7, "unchanged"),
        (0, 7, "from nothing"),
    ]
)
def test_a_growth_is_in_percent_of_what_was(old: int, new: int, text: str) -> None:
    assert growth(old, new) == text


def test_sizes_of_axes_are_joined_and_one_number_is_itself() -> None:
    assert (sides((3, 4, 5)), sides(7)) == ("3×4×5", "7")
