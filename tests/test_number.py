"""Numbers: what is rounded, by hand."""

from tests.rows import each_of

from bncalc.number import divisible


@each_of(
    [
        (12, 16),
        (11, 16),  # 8 would be below nine tenths
        (10.9, 16),
        (8.8, 8),
        (3, 8),
        (2**60 + 3, 2**60),  # which no float holds
    ]
)
def test_multiples_of_eight_are_those_of_the_mobilenet_authors(x: float, rounded: int) -> None:
    assert divisible(x, 8, 8) == rounded
