"""Models by name: what is set is part of the name, and other people's files are named for it."""

import json
from pathlib import Path

import pytest
from tests.documents import document_text
from tests.problems import told
from tests.rows import each_of
from tests.texts import Texts

import bncalc
from bncalc.errors import UsageError
from bncalc.language.source import read
from bncalc.model.shape import Shape
from bncalc.opening.kinds import is_ours, kind_of_root
from bncalc.opening.lookup import expand, given
from bncalc.opening.model import Overrides, load, open_model, open_models
from bncalc.opening.name import setting_text

FAMILY = """\
input: [3, 32, 32]
vars: {width: 1, depths: [1, 2]}
variants: {small: {depths: [1, 1]}, large: {width: 2}}
layers: [{conv: {out: "=8*width"}, repeat: "=depths[1]"}]
"""
NET = "input: [3, 32, 32]\nname: net\nlayers: [{conv: {out: 8}}]\n"
BLOCKS = "input: [8, 8, 8]\nblocks: {a: {plain: {out: 8}}, b: {plain: {out: 16}}}\nbaseline: b\n"
READ = (
    "bncalc reads its own YAML (`bncalc show NAME` for one that is shipped, or a file), an ONNX "
    "model, a TensorFlow Lite model, a PyTorch model, an Ultralytics model"
)
FILES = Texts({"family.yaml": FAMILY, "net.yaml": NET, "blocks.yaml": BLOCKS})


def test_the_network_of_a_file_is_the_only_one(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(BLOCKS)
    with pytest.raises(UsageError, match=r"holds several designs: a, b; name one, as in .*#a"):
        bncalc.network(path)
    assert bncalc.network(f"{path}#b").name == "b"


@each_of([((64,), "64,"), ((3, 4), "3,4"), ([1.5], "1.5,"), (True, "true"), ("7", "7")])
def test_a_list_of_one_is_written_with_a_comma(value: object, text: str) -> None:
    assert setting_text(value) == text


def names(text: str) -> list[str]:
    models = open_models(text, files=FILES)
    return [graph.name for model in models for graph in model.graphs]


@each_of(
    [
        ("net.yaml", ["net"]),
        ("net.yaml@64", ["net@64"]),
        ("family.yaml@depths=1,3", ["small@depths=1,3", "large@depths=1,3"]),
        ("family.yaml#large@width=3@3,64,64", ["large@width=3@3,64,64"]),
        ("blocks.yaml@8,16,16", ["a@8,16,16", "b@8,16,16"]),
        ("resnet50@320", ["resnet50@320"]),
    ]
)
def test_what_is_set_is_part_of_the_name(text: str, shown: list[str]) -> None:
    assert names(text) == shown


def test_one_number_sets_every_axis_and_keeps_the_channels() -> None:
    assert open_model("net.yaml@64", files=FILES).graphs[0].input == (3, 64, 64)


def test_what_is_wrong_with_a_file_of_the_disk_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: [3, 8, 8]\nlayers: [{conv: {outt: 8}}]\n")
    assert "conv has no argument 'outt'" in " ".join(told(open_model, str(path)))


def test_what_comes_from_standard_input_is_not_read_twice() -> None:
    assert not is_ours("-", lambda path: read(NET, path))
    assert is_ours("net.yaml", lambda path: read(NET, path))
    assert not is_ours("net.onnx", lambda path: read(NET, path))


def test_blocks_of_a_file_are_for_those_of_the_models_that_are_of_ultralytics() -> None:
    rows = "nc: 8\nbackbone:\n  - [-1, 1, Conv, [16, 3, 2]]\nhead:\n  - [-1, 1, Classify, [nc]]\n"
    files = Texts(
        {"own.yaml": "define: {Own: {layers: [relu]}}\n", "net.yaml": NET, "y.yaml": rows}
    )
    include = Overrides(include=("own.yaml",))
    assert len(open_model("y.yaml", include, files=files).graphs) == 1
    assert (
        open_model("net.yaml", include, files=files).graphs
        == open_model("net.yaml", files=files).graphs
    )


def test_the_baseline_is_known_by_the_name_that_is_shown() -> None:
    assert open_model("blocks.yaml@8,16,16", files=FILES).baseline == "b@8,16,16"


@each_of([("width=3", 24), ("width==1+3", 32), ("width=1e1", 80)])
def test_a_value_is_read_as_in_a_file(setting: str, channels: int) -> None:
    graph = open_model(f"family.yaml@{setting}", files=FILES).graphs[0]
    assert graph.output.channels == channels


@each_of(["1,3", "[1, 3]", " 1, 3"])
def test_a_list_needs_no_brackets(text: str) -> None:
    graph = open_model(f"family.yaml@depths={text}", files=FILES).graphs[0]
    assert len(graph.nodes) == 1 + 3


def test_python_sets_numbers_and_lists() -> None:
    variables = {"depths": [1, 1, 1, 1], "width": 32}
    (graph,) = load("resnet50", vars=variables, input=Shape(3, 64, 64))
    assert graph.name == "resnet50@depths=1,1,1,1@width=32@3,64,64"


def test_a_variant_that_sets_the_variable_itself_is_noted() -> None:
    small, large = open_models("family.yaml@width=4", files=FILES)
    assert small.notes == ()
    assert "'large' sets width itself" in large.notes[0]


def test_settings_of_several_models_are_refused_with_the_form_that_was_meant() -> None:
    with pytest.raises(UsageError, match=r"net\.yaml@width=0\.9"):
        given(["net.yaml", "resnet50"], {"width": "0.9"})


def test_an_input_of_several_models_is_for_all_of_them() -> None:
    models = given(["net.yaml", "resnet50"], input=Shape(3, 64, 64))
    assert [*map(str, models)] == ["net.yaml@3,64,64", "resnet50@3,64,64"]


def test_two_settings_in_one_are_one_message() -> None:
    with pytest.raises(UsageError) as raised:
        open_model("family.yaml@width=1,depths=2", files=FILES)
    assert "write --set for each, or @width=1@depths=2" in str(raised.value)


@each_of(
    [
        ("net.pt", "", "a file of PyTorch weights"),
        ("NET.H5", "", "a Keras model"),
        ("yolov3.cfg", "[net]\nwidth=416\n", "a Darknet network"),
        ("deploy.prototxt", "", "a Caffe network"),
        ("net.json", '{"class_name": "Functional", "config": {}}', "a Keras model as JSON"),
        ("old.json", '{"schema": "bncalc.report/1", "designs": []}', "a report that bncalc has"),
        ("s.yaml", "model: resnet50\nvary: {width: [1, 2]}\n", "a space of designs"),
        ("b.yaml", "version: 1\nbudgets: []\n", "a budget file"),
        ("chip.yaml", "ram: 256 KiB\nflash: 1 MiB\n", "a device"),
        ("gpu.yaml", "peak: {float32: 1e12}\nbandwidth: 1e9\n", "a device"),
    ]
)
def test_a_file_of_another_kind_is_named_for_what_it_is(name: str, text: str, kind: str) -> None:
    with pytest.raises(UsageError) as raised:
        open_model(name, files=Texts({name: text}))
    assert str(raised.value).startswith(f"{name} is {kind}")
    assert READ in str(raised.value)


def test_of_a_file_in_another_format_no_written_values_are_kept() -> None:
    text = "nc: 2\nbackbone: [[-1, 1, Conv, [8, 3, 2]]]\nhead: [[-1, 1, Conv, [8]]]\n"
    files = Texts({"other.yaml": text, "net.yaml": NET})
    kept = [[*open_model(name, files=files).files] for name in ("net.yaml", "other.yaml")]
    assert kept == [["net.yaml"], []]


def test_weights_without_a_network_are_told_how_code_is_named() -> None:
    with pytest.raises(UsageError, match="name the code that makes the network as torch:package"):
        open_model("net.safetensors", files=Texts({"net.safetensors": ""}))


def test_a_glob_finds_what_can_be_read(tmp_path: Path) -> None:
    for name in ("net.yaml", "net.pt", "README.md", "blocks.yaml"):
        (tmp_path / name).write_text("define: {}\n" if name == "blocks.yaml" else NET)
    names = expand([f"{tmp_path}/*@3,64,64"])
    assert [*map(str, names)] == [f"{tmp_path}/net.yaml@3,64,64"]


def test_a_file_that_a_glob_finds_is_no_name_of_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("net.yaml", "torch:net:Net", "torch:net:Net.yaml", "block:conv.yaml"):
        (tmp_path / name).write_text(NET)
    monkeypatch.chdir(tmp_path)
    assert [*map(str, expand(["*@3,64,64"]))] == ["net.yaml@3,64,64"]
    with pytest.raises(UsageError, match="no model matches"):
        expand(["t*@3,64,64"])


def test_what_is_set_stands_in_json_by_name() -> None:
    (graph,) = load("resnet18@depths=1,1,1,1")
    report = bncalc.measure(graph, bncalc.Assumptions(fold_norm=True))
    document = json.loads(document_text(report))
    assert document["designs"][0]["name"] == "resnet18@depths=1,1,1,1"
    assert document["designs"][0]["settings"] == {"depths": [1, 1, 1, 1]}
    plain = document_text(bncalc.measure(load("resnet18")[0]))
    assert "settings" not in json.loads(plain)["designs"][0]


def test_a_family_is_its_own_design_where_no_variant_is_picked() -> None:
    for name, channels, convolutions in (
        ("family.yaml", 8, 2),
        ("family.yaml#small", 8, 1),
        ("family.yaml#large", 16, 2),
    ):
        (graph,) = open_model(name, files=FILES).graphs
        assert (graph.nodes[-1].output.channels, len(graph.nodes) - 1) == (channels, convolutions)


@each_of(
    [
        ("backbone: []\nhead: []\n", "ultralytics"),
        ("backbone: []\n", "ultralytics"),
        ("backbone: []\nlayers: []\n", "yaml"),
        ("layers: []\n", "yaml"),
        ("ram: 1 MiB\n", "chip"),
        ("ram: 1 MiB\nlayers: []\n", "yaml"),
        ("model: a\nvary: {}\n", "space"),
        ("model: a\nvary: {}\nlayers: []\n", "yaml"),
        ("anything: 1\n", "yaml"),
        ("[]", "yaml"),
    ]
)
def test_the_keys_of_a_file_say_what_it_is(text: str, kind: str) -> None:
    assert kind_of_root(read(text, "net.yaml")) == kind
