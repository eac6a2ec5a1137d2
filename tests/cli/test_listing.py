"""What `bncalc list` says there is."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from tests.program import run
from tests.rows import each_of

import bncalc
from bncalc.devices import DEVICES, MICROCONTROLLERS, TIMED
from bncalc.model.registry import BLOCKS, OPS, find
from bncalc.opening.about import about
from bncalc.zoo import MODELS, ZOO, file_of


def listed(what: str, format: str) -> str:
    return run("list", what, "--format", format).stdout


@pytest.mark.parametrize(("what", "words"), [("blocks", BLOCKS), ("ops", OPS)])
def test_every_kind_is_listed_with_its_paper_and_its_fields(
    what: str, words: dict[str, str]
) -> None:
    document = json.loads(listed(what, "json"))
    assert [row["name"] for row in document[what]] == [find(word).word for word in words]
    for row, word in zip(document[what], words, strict=True):
        kind = find(word)
        assert row["paper"] == kind.paper
        assert [field["name"] for field in row["fields"]] == [field.name for field in kind.fields]
        assert [field["required"] for field in row["fields"]] == [
            field.required for field in kind.fields
        ]


def test_every_network_is_listed_with_its_family() -> None:
    document = json.loads(listed("models", "json"))
    assert {model["name"]: model["family"] for model in document["models"]} == MODELS


def test_every_device_is_listed_with_its_figures() -> None:
    document = json.loads(listed("devices", "json"))
    devices = document["devices"]
    assert [device["name"] for device in devices] == list(DEVICES)
    assert {each["name"] for each in devices if each["ram"]} == set(MICROCONTROLLERS)
    assert {each["name"] for each in devices if each["peak"]} == set(TIMED)
    for device in document["devices"]:
        assert device["source"]
        assert (device["peak"] and device["bandwidth"]) or (device["ram"] and device["core"])


def test_a_table_of_kinds_has_a_row_for_each_and_each_of_its_fields() -> None:
    rows = list(csv.DictReader(io.StringIO(listed("blocks", "csv"))))
    assert len(rows) == sum(1 + len(find(word).fields) for word in BLOCKS)


def test_models_are_listed_with_their_figures() -> None:
    rows = list(csv.DictReader(io.StringIO(listed("models", "csv"))))
    assert [row["name"] for row in rows] == list(MODELS)
    (resnet,) = [row for row in rows if row["name"] == "resnet50"]
    assert (resnet["params"], resnet["macs"]) == ("25557032", "4089184256")


def test_a_model_is_listed_with_its_paper_and_variables() -> None:
    done = run("list", "models", "resnet101", "mobilenet_v2", "-f", "json")
    resnet, mobilenet = json.loads(done.stdout)["models"]
    assert resnet["source"].startswith("He et al. 2015")
    assert resnet["variables"]["depths"] == [3, 4, 23, 3]
    assert mobilenet["variables"] == {"width": 1.0, "classes": 1000}
    shown = run("list", "models", "resnet101").stdout
    assert re.search(r"@depths= +3,4,23,3$", shown, re.M)
    assert "44,549,160" in shown  # params


FAMILIES = {file_of(name): name for name in MODELS}
"""A network of each file: all of a file have its variables."""


@each_of(set(FAMILIES.values()) - {"mlperf_tiny_ad"})
def test_every_classifier_has_classes(name: str) -> None:
    assert "classes" in about(name).variables


@each_of(FAMILIES.values())
def test_classes_are_the_channels_of_the_output(name: str) -> None:
    # A detector puts out more of them, and the autoencoder what it takes in.
    if not name.startswith(("yolo", "retinanet", "mlperf_tiny_ad")):
        assert bncalc.network(f"{name}@classes=7").output.channels == 7


@each_of(["blocks", "ops", "models", "devices", "columns"])
def test_a_name_that_is_not_there_is_refused(what: str) -> None:
    done = run("list", what, "zzz")
    assert done.returncode == 2
    assert f"there is no 'zzz' among the {what}" in done.stderr


def test_the_file_of_a_model_is_something_to_start_from(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    assert run("show", "resnet50", "--source", "-o", str(mine)).returncode == 0
    assert mine.read_text(encoding="utf-8") == Path(file_of("resnet50")).read_text(encoding="utf-8")
    shown = run("show", f"{mine}#resnet50", "-f", "csv").stdout.splitlines()[-1]
    assert shown.startswith("total,1000×1×1,25557032,4089184256")


@each_of(["resnet50@depths=3,4", "resnet50@nothing=1", "resnet50#resnet51"])
def test_errors_name_shipped_networks_and_their_files_as_such(call: str) -> None:
    done = run("show", call)
    assert done.returncode == 2
    assert "error: resnet50 h" in done.stderr or "zoo:resnet.yaml:" in done.stderr
    assert ZOO not in done.stderr


def test_a_kind_of_block_is_a_model_once_its_map_is_given() -> None:
    done = run("compare", "bottleneck", "plain@256,56,56")
    assert done.returncode == 2
    assert "'bottleneck' is a kind of block" in done.stderr
    assert "write the input map after it, as in bottleneck@256,56,56" in done.stderr


@each_of(
    [
        (("columns",), 60, "what it is", "in JSON and CSV"),
        (("ops", "conv"), 40, "about", "default"),
        (("models",), 60, "acnet_vgg16_deploy", "file"),
    ]
)
def test_a_narrow_screen_keeps_what_a_list_is_for(
    what: tuple[str, ...], width: int, kept: str, given_up: str
) -> None:
    shown = run("list", *what, COLUMNS=str(width)).stdout
    assert kept in shown
    assert f"columns without room: {given_up};" in " ".join(shown.split())
