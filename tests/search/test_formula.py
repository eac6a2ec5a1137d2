"""Formulas: exact at every design that their conditions allow."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.formulas import WORDS, derived, line
from tests.readers.onnx.encoder import file, node
from tests.rows import each_of

import bncalc
from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.metric import METRICS
from bncalc.errors import UsageError
from bncalc.render import formula as rendering
from bncalc.search.costing import Costing
from bncalc.search.subject import subject_of


@each_of(
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
    ]
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


def test_a_size_that_is_halved_is_half_of_it_rounded_up(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("input: [3, 32, 32]\nlayers: [conv: {out: 8, kernel: 1, stride: 2}]\n")
    text = rendering.text(derived(str(path), "h", words=("macs",)))
    assert line(text, "MACs") == "384·h′"  # 3·8 of 16 columns
    assert "  h′ = ⌈h/2⌉\n" in text


@each_of([(1, "⌈h/stride⌉"), (2, "⌊(h − 2)/stride⌋")])
def test_a_size_over_a_stride_is_rounded_up_if_that_is_all_of_it(kernel: int, size: str) -> None:
    block = f"conv@out=8@kernel={kernel}@padding=0@256,56,56"
    assert f"  h′ = {size}\n" in rendering.text(derived(block, "h", "stride", words=("macs",)))


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


def test_only_numbers_of_the_subject_can_vary() -> None:
    with pytest.raises(UsageError, match="did you mean 'width'"):
        derived("resnet50", "widht")
    with pytest.raises(UsageError, match=r"is \[3, 4, 6, 3\], not a number; vary .* 'depths\[0\]'"):
        derived("resnet50", "depths")
    with pytest.raises(UsageError, match="not a number; vary all of its sizes: --vary size"):
        derived("resnet50", "input")
    with pytest.raises(UsageError, match="act is 'default'; a formula takes only numbers"):
        derived("inverted_residual", "act")
    with pytest.raises(UsageError, match="give a number at which"):
        derived("inverted_residual", "se_mid")


def test_a_model_of_another_format_has_a_formula_in_the_batch_alone(tmp_path: Path) -> None:
    path = file(tmp_path, [node("Conv", "x w", "y")], {"w": (4, 3, 1, 1)})
    assert derived(path, batch=2, words=("macs",)).numbers == {"macs": 4 * 3 * 64}
    with pytest.raises(UsageError, match=r"there is no formula in h: .* `bncalc export "):
        derived(path, "batch", "h", words=("macs",))


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


def test_a_formula_says_what_numbers_it_took_the_vars_of_a_file_to_be(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    widths = ["=divisible(12*width, 4)", "=max(n, 1)", "=abs(shift)"]
    layers = ", ".join(f'conv: {{out: "{width}", kernel: 1}}' for width in widths)
    path.write_text(f"input: [3, 8, 8]\nvars: {{width: 1, n: 3, shift: -2}}\nlayers: [{layers}]\n")
    answer = derived(str(path), "width", "n", "shift", words=("params",))
    text = rendering.text(answer)
    assert line(text, "params") == "12·width·n − n·shift + 36·width"
    held = ["width ≥ 1", "width is whole", "n ≥ 1", "n is whole"]
    held += ["shift + 2 ≥ 0", "shift is whole", "shift + 1 ≤ 0"]
    assert "\n".join(["if", *[f"  {condition}" for condition in held]]) in text
    scope: dict[str, Any] = {}
    exec(rendering.python(answer), scope)
    with pytest.raises(AssertionError):
        scope["cost"](width=0.75, n=3, shift=-2)  # whose layer is 8 wide, and not 9


def test_a_rounded_number_below_zero_is_no_less_than_none(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    halved = "depthwise: {kernel: 5, stride: 2, padding: same}"
    layers = f"[conv: {{out: 4, kernel: 1}}, {halved}, conv: {{out: 12, kernel: 1}}]"
    path.write_text(f"input: [4, =v+12]\nvars: {{v: 1}}\nlayers: {layers}\n")
    answer = derived(str(path), "v", words=("peak",))
    scope: dict[str, Any] = {}
    exec(rendering.python(answer), scope)
    assert scope["cost"](v=1)["peak_activation_bytes"] == answer.numbers["peak"]


def test_what_is_rounded_up_is_a_part_of_its_own() -> None:
    """⌊−h / 2⌋, as padding to SAME has it, is −⌈h / 2⌉: two of them multiply to no less than 0."""
    answer = derived("mlperf_tiny_kws", "h", "w", words=("macs", "peak"))
    text = rendering.text(answer)
    assert line(text, "MACs") == "21,248·h′·w′ + 768"
    assert line(text, "peak activations") == "max(4·h·w + 256·h′·w′, 512·h′·w′) bytes"
    assert "  h′ = ⌈h/2⌉\n  w′ = ⌈w/2⌉\n" in text
    scope: dict[str, Any] = {}
    exec(rendering.python(answer), scope)
    for h, w in ((1, 1), (2, 1), (5, 8), (49, 10), (64, 33)):
        totals = bncalc.measure(bncalc.load("mlperf_tiny_kws", input=(1, h, w))[0]).totals
        numbers = totals.macs, totals.peak_activation_bytes
        assert tuple(scope["cost"](h=h, w=w).values()) == numbers


def test_python_refuses_what_no_condition_allows_before_it_divides_by_it(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    layers = '[conv: {out: =v}, conv: {out: =v*4, groups: "=v-4"}, conv: {out: 8, stride: "=s-1"}]'
    path.write_text(f"input: [8, 8, 8]\nvars: {{v: 8, s: 2}}\nlayers: {layers}\n")
    scope: dict[str, Any] = {}
    exec(rendering.python(derived(str(path), "v", "s", words=("macs",))), scope)
    for v, s in ((4, 2), (8, 1), (7, 2)):
        with pytest.raises(AssertionError):
            scope["cost"](v=v, s=s)
    assert scope["cost"](v=5, s=3)["macs"] == 9 * (64 * 8 * 5 + 64 * 5 * 20 + 16 * 20 * 8)
