"""The stock: models that share ops have the numbers that they have alone, in less work."""

import pytest
from tests import shipped
from tests.texts import Texts

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.opening.model import open_models
from bncalc.opening.stock import Stock

NET = """\
input: [3, 64, 64]
defaults: {norm: batch, act: relu}
layers:
  - conv: {out: 32, stride: 2}
  - inverted_residual: {out: 24}
    repeat: 3
    first: {stride: 2}
  - linear: {out: 10}
"""
FILES = Texts(
    {
        "net.yaml": NET,
        "alike.yaml": f"name: other\n{NET}",
        "unlike.yaml": NET.replace("norm: batch", "norm: layer").replace("[3", "[1"),
    }
)


def of(stock: Stock, name: str) -> tuple[Report, ...]:
    models = open_models(name, files=FILES, stock=stock)
    known = stock.layers(STANDARD)
    return tuple([measure(graph, known=known) for model in models for graph in model.graphs])


@pytest.mark.parametrize(
    "names", [("resnet50", "resnet101", "resnext50_32x4d"), ("googlenet", "vgg16")]
)
def test_a_model_has_the_numbers_that_it_has_alone(names: tuple[str, ...]) -> None:
    stock = Stock()
    for name in names:
        assert of(stock, name) == (shipped.report(name),)


def test_what_files_say_of_all_layers_tells_them_apart() -> None:
    stock = Stock()
    (net,), (unlike,) = of(stock, "net.yaml"), of(stock, "unlike.yaml")
    assert (net,) == of(Stock(), "net.yaml")
    assert (unlike,) == of(Stock(), "unlike.yaml")


def test_what_is_assumed_tells_layers_apart() -> None:
    stock = Stock()
    (model,) = open_models("net.yaml", files=FILES, stock=stock)
    (graph,) = model.graphs
    halves = STANDARD._replace(dtype="float16")
    for assumptions in (STANDARD, halves):
        known = stock.layers(assumptions)
        assert measure(graph, assumptions, known=known) == measure(graph, assumptions)


def test_models_alike_are_placed_and_measured_once() -> None:
    stock = Stock()
    of(stock, "net.yaml")
    measured = len(stock.layers(STANDARD))
    of(stock, "alike.yaml")
    assert len(stock.layers(STANDARD)) == measured
    nets = [open_models(name, files=FILES, stock=stock)[0] for name in ("net.yaml", "alike.yaml")]
    nodes, others = (net.graphs[0].nodes[1:] for net in nets)
    assert all(node.op is other.op for node, other in zip(nodes, others, strict=True))
