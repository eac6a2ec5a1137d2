"""Formulas in each notation: as in a textbook, with their parts and conditions under them."""

from pathlib import Path
from typing import Any

import pytest
from tests.formulas import WORDS, derived, line
from tests.rows import each_of

from bncalc._version import __version__
from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.metric import METRICS
from bncalc.render import formula as rendering
from bncalc.search.costing import Costing
from bncalc.search.formula import formula, witness_of
from bncalc.search.subject import subject_of


@each_of(
    [
        # He et al. 2015, figure 5: 1×1 down, 3×3, 1×1 up, at 56×56.
        ("bottleneck", ("cin", "mid"), "2·cin·mid + 9·mid²", "6,272·cin·mid + 28,224·mid²"),
        (*("bottleneck", ("cin", "mid", "h", "w")),
         *("2·cin·mid + 9·mid²", "(2·cin·mid + 9·mid²)·h·w")),
        # Sandler et al. 2018, table 1: 1×1 up by t, depthwise 3×3, 1×1 down.
        (*("inverted_residual", ("cin", "expand")),
         *("2·cin²·expand + 9·cin·expand", "6,272·cin²·expand + 28,224·cin·expand")),
        (*("resnet50", ("width",), "2,763·width² + 146,476·width + 4,865,320"),
         "451,584·width² + 27,496,448·width + 479,723,520"),
        (*("mobilenet_v1", ("width",), "3,139,584·width² + 1,091,392·width + 1,000"),
         "539,492,352·width² + 29,248,000·width"),
    ]
)  # fmt: skip
def test_formulas_read_as_in_a_textbook(
    model: str, names: tuple[str, ...], params: str, macs: str
) -> None:
    text = rendering.text(derived(model, *names, words=("params", "macs")))
    assert (line(text, "params"), line(text, "MACs")) == (params, macs)


HOSTILE = """\
input: [3, 32, 32]
vars: {lambda: 7, c1: 7, max: 4, params: 2, divisible: 3, a: [4, 5], a_0: 6, cost: 0.5}
layers:
  - conv: {out: "=divisible(lambda*1.5, 8)"}
  - conv: {out: "=c1//2 + 1"}
  - conv: {out: "=ceil(max*lambda/2 + cost)"}
  - conv: {out: "=params + a[0] + a_0", stride: 2}
  - conv: {out: "=round(divisible*lambda/3)"}
  - conv: {out: "=4*cost//1 + floor(lambda*cost)"}
"""


def test_names_and_fractions_of_a_file_are_right_in_python(tmp_path: Path) -> None:
    path = tmp_path / 'net"""\nraise SystemExit#.yaml'
    path.write_text(HOSTILE)
    names = ("lambda", "c1", "max", "params", "divisible", "a[0]", "a_0", "cost")
    costing = Costing(subject_of(str(path)), STANDARD, [METRICS[word] for word in WORDS])
    scope: dict[str, Any] = {}
    exec(rendering.python(formula(costing, witness_of(costing, dict.fromkeys(names)))), scope)
    for values in (
        (7, 7, 4, 2, 3, 4, 6, 0.5),
        (20, 1, 16, 9, 18, 8, 7, 1.5),
        (18, 19, 16, 13, 5, 8, 5, 0.25),
    ):
        design = dict(zip(names, values, strict=True))
        assert list(scope["cost"](*values).values()) == costing(design), design


def test_a_design_beyond_the_conditions_is_refused_by_the_python() -> None:
    scope: dict[str, Any] = {}
    exec(rendering.python(derived("bottleneck@groups=4", "mid")), scope)
    with pytest.raises(AssertionError):
        scope["cost"](mid=6)


def test_sizes_and_conditions_stand_under_the_formula() -> None:
    text = rendering.text(derived("bottleneck@stride=2", "cin", "h", words=("macs",)))
    assert "  h′ = ⌈h/2⌉\n" in text
    assert text.partition("\nif\n")[2].startswith("  cin ≥ 4\n")


def test_latex_and_data_say_the_same() -> None:
    answer = derived("bottleneck", "cin", "mid", words=("params",))
    assert r"\mathrm{params} &= 2\,\mathit{cin}\,\mathit{mid} + 9\,\mathit{mid}^{2}" in (
        rendering.latex(answer)
    )
    data = rendering.document(answer)
    assert data["at"] == {"cin": 256, "mid": 64}
    assert data["formulas"]["params"]["terms"] == [
        {"factor": 2, "powers": {"cin": 1, "mid": 1}},
        {"factor": 9, "powers": {"mid": 2}},
    ]
    assert data["formulas"]["params"]["value"] == 69_632


def test_every_notation_says_where_it_is_derived_and_by_what() -> None:
    answer = derived("bottleneck", "mid")
    for written in (rendering.text(answer), rendering.latex(answer), rendering.python(answer)):
        assert f"memory policy deploy, training with momentum; bncalc {__version__}" in written
        assert "mid = 64" in written
    data = rendering.document(answer)
    assert (data["version"], data["at"], data["dtype"]) == (__version__, {"mid": 64}, "float32")
