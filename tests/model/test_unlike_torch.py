"""What PyTorch takes and bncalc refuses, and the other way round: docs/definitions.md says which.

The answers of PyTorch were recorded with version 2.14, on the CPU and on the meta device.
"""

from typing import Any

import pytest
from tests.rows import each_of

import bncalc
from bncalc.errors import ShapeError

REFUSED = None


@each_of(
    [
        # ConvTranspose2d(3, 4, 2, 2, padding=1); version 2.13 gave 4×0×0
        ("conv_transpose", (3, 1, 1), {"out": 4, "kernel": 2, "stride": 2, "padding": 1}, REFUSED,
         REFUSED),
        # MaxPool2d(4, 2, ceil_mode=True), MaxPool1d, AvgPool2d(5, 4, ceil_mode=True)
        ("max_pool", (3, 3, 3), {"kernel": 4, "stride": 2, "padding": 0, "ceil": True}, (3, 1, 1),
         REFUSED),
        ("max_pool", (3, 3), {"kernel": 4, "stride": 2, "padding": 0, "ceil": True}, (3, 1),
         REFUSED),
        ("avg_pool", (3, 3, 3), {"kernel": 5, "stride": 4, "padding": 0, "ceil": True}, (3, 1, 1),
         REFUSED),
        ("max_pool", (3, 3, 3), {"kernel": 4, "stride": 2, "padding": 0}, REFUSED, REFUSED),
        # AvgPool3d(3, 1, padding=1), and the same on one and two axes
        ("avg_pool", (3, 2, 2, 2), {"kernel": 3, "stride": 1, "padding": 1}, REFUSED, (3, 2, 2, 2)),
        ("avg_pool", (3, 2, 2), {"kernel": 3, "stride": 1, "padding": 1}, (3, 2, 2), (3, 2, 2)),
        ("avg_pool", (3, 2), {"kernel": 3, "stride": 1, "padding": 1}, (3, 2), (3, 2)),
        # InstanceNorm2d(3), in training and, without running statistics, in use
        ("instance_norm", (3, 1, 1), {}, REFUSED, (3, 1, 1)),
    ]
)  # fmt: skip
def test_what_both_take_is_as_recorded(
    word: str,
    shape: tuple[int, ...],
    fields: dict[str, Any],
    torch: tuple[int, ...] | None,
    ours: tuple[int, ...] | None,
) -> None:
    assert torch in (REFUSED, ours) or ours is REFUSED  # where both take it they agree
    if ours is REFUSED:
        with pytest.raises(ShapeError):
            bncalc.block(word, shape, **fields)
    else:
        assert bncalc.block(word, shape, **fields).output == ours
