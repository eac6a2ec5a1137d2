"""Which file a name means: one that is there first, then a shipped one, then one of a scale."""

from pathlib import Path

import pytest
from tests.rows import each_of
from tests.texts import Texts

from bncalc.disk import DISK
from bncalc.errors import UsageError
from bncalc.opening.about import about, variables_of
from bncalc.opening.lookup import located, needs_no_file
from bncalc.opening.model import open_model, source_of
from bncalc.opening.name import ModelName, parse
from bncalc.zoo import file_of

FILES = Texts({"net.yaml": "input: [3, 8, 8]\nlayers: [conv: {out: 4}]\n", "a/yolo11.yaml": ""})


@each_of(
    [
        ("net.yaml", ("net.yaml", "")),
        ("net.yaml#m", ("net.yaml", "m")),
        ("resnet50", (file_of("resnet50"), "resnet50")),
        ("a/yolo11s.yaml", ("a/yolo11.yaml", "s")),
        ("a/yolo11s.yaml#m", ("a/yolo11.yaml", "m")),
        ("b/yolo11s.yaml", ("b/yolo11s.yaml", "")),
        ("a/gone", ("a/gone", "")),
        ("gone.yaml", ("gone.yaml", "")),
        ("gone.onnx", ("gone.onnx", "")),
        ("bottleneck", ("block:bottleneck", "")),
        ("-", ("-", "")),
    ]
)
def test_a_name_means_a_file(text: str, place: tuple[str, str]) -> None:
    assert located(parse(text, FILES.exists), FILES) == place


@each_of(
    [
        ("mobilenetv2", r"shipped model 'mobilenetv2' \(did you mean 'mobilenet_v2'\?\)"),
        ("bottlenek", r"'bottlenek' \(did you mean 'bottleneck'\?\)"),
        ("densenet", "; there are densenet121, densenet161, densenet169, densenet201, dense"),
        ("resnext50", "; there is resnext50_32x4d$"),
        ("vgg16, vgg19", "write each model as a word of its own: vgg16 vgg19"),
        ("qqqqqqqqq", "shipped model 'qqqqqqqqq'; `bncalc list models` shows all"),
    ]
)
def test_a_name_of_nothing_is_told_what_is_near(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        located(ModelName(text), FILES)


def test_a_file_with_a_suffix_that_is_none_is_told_what_is_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fixed.onnx").touch()
    for name in ("fixed.onx", "fixed"):
        with pytest.raises(UsageError, match=rf"'{name}' \(did you mean 'fixed.onnx'\?\)"):
            located(ModelName(name), DISK)


@each_of([("-", True), ("resnet50", True), ("basic", True), ("torch:a:b", True), ("gone", False)])
def test_some_names_need_no_file(text: str, needs_none: bool) -> None:
    assert needs_no_file(ModelName(text)) == needs_none


def test_the_input_of_a_name_takes_the_place_of_the_files() -> None:
    assert open_model("net.yaml@3,16,16", files=FILES).given_input == (3, 16, 16)
    assert open_model("net.yaml", files=FILES).given_input is None


def test_the_text_of_a_model_is_that_of_its_file_as_it_is() -> None:
    assert source_of(parse("net.yaml"), FILES) == FILES.texts["net.yaml"]
    with pytest.raises(UsageError, match="a file is printed as it is; leave out @16"):
        source_of(parse("net.yaml@16", FILES.exists), FILES)


def test_variables_are_those_of_files_of_the_language() -> None:
    assert variables_of("resnet50") == about("resnet50").variables
    assert set(about("resnet50").variables) >= {"width", "classes"}
    assert [variables_of(name) for name in ("-", "gone.onnx")] == [{}, {}]
