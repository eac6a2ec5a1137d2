"""The collector of cycles waits while graphs and reports are made, and runs again after that."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

import bncalc
from bncalc.errors import SpecError


@pytest.fixture
def collections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Return what grows with each collection, of which there are many."""
    times: list[str] = []
    monkeypatch.setattr(gc, "callbacks", [])
    before = gc.get_threshold()
    gc.callbacks.append(lambda phase, _: times.append(phase))
    gc.set_threshold(50)
    yield times
    gc.set_threshold(*before)


def test_a_model_is_read_and_measured_without_a_collection_for_each_few_layers(
    collections: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: [3, 8, 8]\nlayers: [{conv: {out: 3}, repeat: 2000}]", encoding="utf-8")
    report = bncalc.measure(bncalc.network(str(path)))
    assert (len(report.layers), gc.isenabled()) == (2000, True)
    assert len(collections) < 100


def test_a_file_with_a_mistake_leaves_the_collector_on(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: [3, 8, 8]\nlayers: [{conv: {out: -3}}]", encoding="utf-8")
    with pytest.raises(SpecError):
        bncalc.network(str(path))
    assert gc.isenabled()


def test_a_program_that_does_without_the_collector_keeps_it_off() -> None:
    gc.disable()
    try:
        bncalc.measure(bncalc.block("conv", (3, 8, 8), out=3))
        assert not gc.isenabled()
    finally:
        gc.enable()


NESTED = """\
input: [8, 8, 8]
layers:
  - {id: a, stage: [conv: {out: 8}, relu]}
  - {id: b, stage: [same_as: a], repeat: 2}
  - add: [[same_as: b], [conv: {out: 8}]]
"""


def test_what_was_read_and_measured_is_gone_with_its_last_name(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(NESTED, encoding="utf-8")

    def cycles(*models: str) -> int:
        gc.collect()
        for model in models:
            bncalc.measure(bncalc.network(model), also=("training", "live"))
        return gc.collect()

    gc.disable()  # or it takes some of them before they are counted
    try:
        models = (str(path), "resnet18")
        cycles(*models)  # what is read once for all
        assert cycles(*models) == 0
    finally:
        gc.enable()
