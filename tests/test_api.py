"""The Python API refuses what cannot be, as the program does: with what was seen and is right."""

from collections.abc import Callable
from typing import Any

import pytest

import bncalc
from bncalc import Assumptions, measure

BLOCK = bncalc.block("plain", (8, 4, 4))
WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: measure(BLOCK, Assumptions(batch=0)), "batch is 0; it must be a whole number"),
    (lambda: measure(BLOCK, Assumptions(batch=2.5)), "batch is 2.5; it must be"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, Assumptions(memory=-1)), "memory is -1; it must be"),
    (lambda: measure(BLOCK, Assumptions(dtype="fp32")), "unknown dtype 'fp32'"),
    (lambda: measure(BLOCK, Assumptions(activation_dtype="int9")), "(did you mean 'int8'?)"),
    (lambda: measure(BLOCK, Assumptions(optimizer="adm")), "(did you mean 'adam'?)"),
    (lambda: measure(BLOCK, Assumptions(optimizer="adam-mixed")), "dtype is float32"),
    (lambda: measure(BLOCK, Assumptions(convention="fvcor")), "(did you mean 'fvcore'?)"),
    (lambda: measure(BLOCK, Assumptions(policy="eager")), "must be a Policy"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, also=["trainig"]), "no analysis 'trainig' (did you mean 'training'?)"),
    (lambda: measure(BLOCK, also=["roofline"]), "no lower bound without a device"),
    (lambda: bncalc.compare((measure(BLOCK),), "plane"), "(did you mean 'plain'?)"),
    (lambda: bncalc.load("resnet18", input=(3, 224)), "has 1 axis and that of"),
    (lambda: bncalc.load("resnet50", vars={"wdth": 3}), "no variable 'wdth'"),
    (lambda: bncalc.block("plain", (3, 3.5, 3)), "input is [3, 3.5, 3]"),  # type: ignore[arg-type]
    (lambda: bncalc.block("plane", (3, 3, 3)), "(did you mean 'plain'?)"),
    (lambda: bncalc.block("plain", (3, 3, 3), kernal=3), "(did you mean 'kernel'?)"),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_value_is_named(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(bncalc.UsageError) as raised:
        call()
    assert message in str(raised.value)
