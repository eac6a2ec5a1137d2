"""Literals: values as source of PyTorch, by hand."""

from math import inf, nan
from typing import Any

from tests.rows import each_of

from bncalc.model.literal import literal


@each_of([
    (1, "1"), (-0.5, "-0.5"), (1e-12, "1e-12"), (True, "True"), (None, "None"),
    (inf, "torch.inf"), (-inf, "-torch.inf"), (nan, "torch.nan"),
    ("zeros", '"zeros"'), ((), "()"), ((2,), "(2,)"), ((2, inf), "(2, torch.inf)"),
    ((1, (0.0, nan)), "(1, (0.0, torch.nan))"),
])  # fmt: skip
def test_a_value_is_source_that_makes_it_again(value: Any, text: str) -> None:
    assert literal(value) == text
