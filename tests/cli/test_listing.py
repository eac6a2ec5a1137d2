"""What `bncalc list` says there is."""

import csv
import io
import json
import subprocess
import sys

import pytest

from bncalc.devices import DEVICES
from bncalc.model.registry import BLOCKS, OPS, find
from bncalc.zoo import MODELS


def listed(what: str, format: str) -> str:
    command = [sys.executable, "-m", "bncalc", "list", what, "--format", format]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=True
    ).stdout


@pytest.mark.parametrize(("what", "words"), [("blocks", BLOCKS), ("ops", OPS)])
def test_every_kind_is_listed_with_its_paper_and_its_fields(
    what: str, words: dict[str, str]
) -> None:
    document = json.loads(listed(what, "json"))
    assert [one["name"] for one in document[what]] == [find(word).word for word in words]
    for one, word in zip(document[what], words, strict=True):
        kind = find(word)
        assert one["paper"] == kind.paper
        assert [field["name"] for field in one["fields"]] == [field.name for field in kind.fields]
        assert [field["required"] for field in one["fields"]] == [
            field.required for field in kind.fields
        ]


def test_every_network_is_listed_with_its_family() -> None:
    document = json.loads(listed("models", "json"))
    assert {one["name"]: one["family"] for one in document["models"]} == MODELS


def test_every_device_is_listed_with_its_figures() -> None:
    document = json.loads(listed("devices", "json"))
    assert [one["name"] for one in document["devices"]] == list(DEVICES)
    for device in document["devices"]:
        assert device["source"]
        assert (device["peak"] and device["bandwidth"]) or (device["ram"] and device["core"])


def test_a_table_of_kinds_has_a_row_for_each_and_each_of_its_fields() -> None:
    rows = list(csv.DictReader(io.StringIO(listed("blocks", "csv"))))
    assert len(rows) == sum(1 + len(find(word).fields) for word in BLOCKS)
