"""Sensitivity: by how many percent a cost grows with 1 % more of a value."""

from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.rows import each_of

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.metric import METRICS
from bncalc.errors import UsageError
from bncalc.search.costing import Costing
from bncalc.search.sensitivity import Sensitivity, sensitivity
from bncalc.search.subject import subject_of

WORDS = ("params", "macs", "peak")


def of(model: str, *names: str) -> Sensitivity:
    metrics = [METRICS[word] for word in WORDS]
    return sensitivity(Costing(subject_of(model), STANDARD, metrics), names)


def shares(answer: Sensitivity, name: str) -> dict[str, float]:
    (row,) = [row for row in answer.rows if row.name == name]
    return {word: round(share or 0.0, 3) for word, share in row.elasticities.items()}


def test_a_value_of_a_block_that_is_not_given_is_its_default() -> None:
    now = subject_of("conv@kernel=5@cin=8@16").now
    assert {name: now[name] for name in ("cin", "size", "kernel", "stride", "out")} == {
        "cin": 8, "size": 16, "kernel": 5, "stride": 1, "out": None,
    }  # fmt: skip


def test_the_sizes_of_a_square_map_grow_together() -> None:
    names = [row.name for row in of("conv@out=16@cin=8@16").rows]
    assert names == ["batch", "cin", "size", "out", "kernel"]


def test_one_percent_more_width_of_resnet50() -> None:
    # 2,763·w² + 146,476·w + 4,865,320 params and 451,584·w² + 27,496,448·w + 479,723,520 MACs:
    # (2·2,763·64² + 146,476·64) / 25,557,032 and (2·451,584·64² + 27,496,448·64) / 4,089,184,256.
    width = shares(of("resnet50", "width"), "width")
    assert (width["params"], width["macs"]) == (1.252, 1.335)


def test_what_a_number_does_not_depend_on_is_0_and_the_batch_is_in_all_maps() -> None:
    answer = of("bottleneck@mid=64")
    assert shares(answer, "batch") == {"params": 0.0, "macs": 0.0, "peak": 1.0}
    assert shares(answer, "size") == {"params": 0.0, "macs": 2.0, "peak": 2.0}


@each_of(
    [("resnet50", "width"), ("bottleneck@mid=4000@cin=4000", "mid"), ("resnet50", "depths[2]")],
)
def test_it_is_the_slope_between_two_designs_far_enough_from_rounding(
    model: str, name: str
) -> None:
    answer = of(model, name)
    present = answer.rows[0].present
    costing = Costing(subject_of(model), STANDARD, [METRICS[word] for word in WORDS])
    less, now, more = (costing({name: int(present) + step}) for step in (-1, 0, 1))
    for word, below, here, above in zip(WORDS, less, now, more, strict=True):
        # A sum of squares has the mean slope, a maximum the one that more of the value finds.
        slope = above - here if word == "peak" else (above - below) / 2
        slope *= present / answer.amounts[word]
        assert answer.rows[0].elasticities[word] == pytest.approx(slope, rel=1e-9)


def test_what_is_no_number_has_no_sensitivity() -> None:
    with pytest.raises(UsageError, match=r"\[3, 4, 6, 3\], and 1 % more of that has no meaning"):
        of("resnet50", "depths")


def test_what_is_rounded_counts_as_if_it_were_not() -> None:
    # Every width but the first and the last is 1 % more, and so nearly 2 % more MACs.
    macs = of("mobilenet_v2", "width").rows[0].elasticities["macs"]
    assert macs is not None
    assert 1.85 < macs < 1.95


def test_a_size_that_strides_divide_counts_with_what_it_is_divided_by() -> None:
    # ⌊(56 − 1) / 2⌋ + 1 = 28 positions along each axis, half of one more for each pixel:
    # 2 · 56 · ½ / 28 = 2.
    assert shares(of("conv@out=8@kernel=3@stride=2", "size"), "size")["macs"] == 2.0


@each_of(
    [
        ("b", 1.0),
        ("b**3", 3.0),
        ("2**b", 4 * log(2)),
        ("b**b", 4 * (log(4) + 1)),
        ("max(b, 3)", 1.0),
        ("max(b, 5)", 0.0),
        ("max(b, 4)", 1.0),
        ("min(b, 5)", 1.0),
        ("min(b, 3)", 0.0),
        ("min(b, 4)", 0.0),
        ("b // 3", 4 / 3 / 1),
        ("24 // b", -1.0),
        ("b // 3 + 5", 4 / 3 / 6),
        ("ceil(b / 3)", 4 / 3 / 2),
        ("b % 3 + 8", 0.0),
        ("divisible(b, 8)", 4 / 8),
        ("b * b + 3 * b", (2 * 16 + 12) / 28),
    ]
)
def test_each_function_has_its_derivative(expression: str, share: float) -> None:
    """The weights of a convolution are 3 · out, and b is 4; out itself is as it is rounded."""
    text = (
        f"input: [3, 8]\nvars: {{b: 4}}\nlayers:\n  - conv: {{out: '={expression}', kernel: 1}}\n"
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "net.yaml")
        path.write_text(text)
        (row,) = of(str(path), "b").rows
    assert row.elasticities["params"] == pytest.approx(share)
