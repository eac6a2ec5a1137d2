"""Formulas: exact at every design that their conditions allow, in each notation."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import bncalc
from bncalc._version import __version__
from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.metric import METRICS
from bncalc.errors import UsageError
from bncalc.render import formula as rendering
from bncalc.search.costing import Costing
from bncalc.search.formula import DerivedFormula, formula, witness_of
from bncalc.search.subject import subject_of

WORDS = ("params", "macs", "peak", "traffic", "training")


def derived(
    model: str, *names: str, words: tuple[str, ...] = WORDS, **asked: Any
) -> DerivedFormula:
    costing = Costing(subject_of(model), STANDARD, [METRICS[word] for word in words])
    return formula(costing, witness_of(costing, {**dict.fromkeys(names), **asked}))


def line(text: str, title: str) -> str:
    """Return the right side of an equation of the text."""
    lines = [each for each in text.splitlines() if each.startswith(f"{title} ")]
    return lines[0].partition("= ")[2]


@pytest.mark.parametrize(
    ("model", "names", "params", "macs"),
    [
        # He et al. 2015, figure 5: 1×1 down, 3×3, 1×1 up, at 56×56.
        ("bottleneck", ("cin", "mid"), "2·cin·mid + 9·mid²", "6,272·cin·mid + 28,224·mid²"),
        (
            *("bottleneck", ("cin", "mid", "h", "w")),
            *("2·cin·mid + 9·mid²", "(2·cin·mid + 9·mid²)·h·w"),
        ),
        # Sandler et al. 2018, table 1: 1×1 up by t, depthwise 3×3, 1×1 down.
        (
            *("inverted_residual", ("cin", "expand")),
            *("2·cin²·expand + 9·cin·expand", "6,272·cin²·expand + 28,224·cin·expand"),
        ),
        (
            *("resnet50", ("width",), "2,763·width² + 146,476·width + 4,865,320"),
            "451,584·width² + 27,496,448·width + 479,723,520",
        ),
        (
            *("mobilenet_v1", ("width",), "3,139,584·width² + 1,091,392·width + 1,000"),
            "539,492,352·width² + 29,248,000·width",
        ),
    ],
)
def test_formulas_read_as_in_a_textbook(
    model: str, names: tuple[str, ...], params: str, macs: str
) -> None:
    text = rendering.text(derived(model, *names, words=("params", "macs")))
    assert (line(text, "params"), line(text, "MACs")) == (params, macs)


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("model", "designs"),
    [
        ("resnet50", [{"width": w} for w in (8, 16, 24, 48, 63, 64, 128, 129, 256, 1000)]),
        ("resnet50", [{"h": 97, "w": 160}, {"h": 224, "w": 225}, {"h": 64, "w": 640}]),
        ("mobilenet_v2", [{"width": w} for w in (0.35, 0.5, 0.75, 1.0, 1.4)]),
        ("mobilenet_v1", [{"width": 0.25}, {"width": 1.25}]),
        ("regnet_x_400mf", [{"depths[2]": 3, "widths[2]": 96}, {"depths[2]": 30, "widths[2]": 8}]),
        ("bottleneck@groups=4", [{"cin": 8, "mid": 4}, {"cin": 100, "mid": 64}]),
        ("bottleneck@stride=2", [{"cin": 12, "size": 9}, {"cin": 4, "size": 100}]),
        ("efficientnet_b0", [{"size": 192}, {"size": 193}, {"size": 300}]),
        ("efficientnet_b0", [{"width": w} for w in (0.5, 1.0, 1.1, 2.0)]),
        ("yolov8n", [{"width": w} for w in (0.1, 0.25, 0.5, 1.0)]),
        ("resnet50", [{"batch": n, "width": w} for n, w in ((1, 64), (3, 32))]),
    ],
)
def test_the_python_of_a_formula_gives_what_measuring_gives(
    model: str, designs: list[dict[str, Any]]
) -> None:
    answer = derived(model, *designs[0])
    scope: dict[str, Any] = {}
    exec(rendering.python(answer), scope)
    costing = Costing(subject_of(model), STANDARD, [METRICS[word] for word in WORDS])
    for design in designs:
        given = {name.replace("[", "_").rstrip("]"): value for name, value in design.items()}
        numbers = [scope["cost"](**given)[METRICS[word].key] for word in WORDS]
        assert numbers == costing(design), design


HOSTILE = """\
input: [3, 32, 32]
vars: {lambda: 7, c1: 7, max: 4, params: 2, divisible: 3, a: [4, 5], a_0: 6, cost: 0.5}
layers:
  - conv: {out: "=divisible(lambda*1.5, 8)"}
  - conv: {out: "=c1//2 + 1"}
  - conv: {out: "=ceil(max*lambda/2 + cost)"}
  - conv: {out: "=params + a[0] + a_0", stride: 2}
  - conv: {out: "=round(divisible*lambda/3)"}
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


def test_the_peak_grows_with_the_batch_and_params_do_not() -> None:
    text = rendering.text(derived("bottleneck", "batch", words=("params", "peak")))
    assert line(text, "params") == "69,632"
    assert line(text, "peak activations") == "7,225,344·batch bytes"


def test_advice_about_an_input_is_no_condition(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("input: [64, 56, 56]\nlayers: [conv: {out: 8, kernel: 1}]\n")
    assert derived(str(path), "cin", "h").conditions == ()


def test_conditions_are_few_and_plain() -> None:
    def conditions(model: str, name: str, words: tuple[str, ...]) -> str:
        return rendering.text(derived(model, name, words=words)).partition("\nif\n")[2]

    assert conditions("yolov8n", "width", ("params",)).startswith("  width > 0\n\n")
    assert conditions("resnet50", "batch", ("peak",)) == ""
    assert conditions("resnet50", "width", ("ram",)).startswith("  width = 64\n\n")  # one design's
    assert "c₃ = divisible(c₁, 8)" not in rendering.text(derived("efficientnet_b0", "width"))


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


def test_only_numbers_of_the_subject_can_vary() -> None:
    with pytest.raises(UsageError, match="did you mean 'width'"):
        derived("resnet50", "widht")
    with pytest.raises(UsageError, match="depths is"):
        derived("resnet50", "depths")
    with pytest.raises(UsageError, match="give a number at which"):
        derived("inverted_residual", "se_mid")


def test_one_copy_stands_for_several_whose_number_varies() -> None:
    answer = derived("regnet_x_400mf", "depths[2]", words=("params",))
    ((_, slope), (_, fixed)) = sorted(answer.terms["params"].items(), key=lambda t: -len(t[0]))
    depths = {
        depth: bncalc.measure(
            bncalc.load("regnet_x_400mf", vars={"depths": f"[1, 2, {depth}, 12]"})[0]
        ).totals.params
        for depth in (2, 5, 9)
    }
    assert depths == {depth: Fraction(fixed) + depth * slope for depth in (2, 5, 9)}
