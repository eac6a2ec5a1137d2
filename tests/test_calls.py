"""Calls of the public names of Python that do not fit."""

import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.rows import each_of

import bncalc
from bncalc.model.registry import ACTIVATIONS

GRAPH = bncalc.network("resnet18")
CALLS: dict[Callable[[Any], Any], str] = {
    lambda b: b.measure(GRAPH, batch=2): (
        "measure has no argument 'batch'; write assumptions=Assumptions(batch=2)"
    ),
    lambda b: b.Assumptions(batches=2): (
        "Assumptions has no argument 'batches' (did you mean 'batch'?)"
    ),
    lambda b: b.network("resnet18", width=2): (
        "network has no argument 'width'; it takes model, vars, input; "
        "a variable of the file is written vars={'width': 2}"
    ),
    lambda b: b.network("resnet18", batch=2): (
        "network has no argument 'batch'; write measure(network(…), Assumptions(batch=2))"
    ),
    lambda b: b.load("resnet", variant="resnet18"): (
        "load has no argument 'variant'; a variant is a part of the name: load('FILE#NAME')"
    ),
    lambda b: b.load("resnet18", var={}): "load has no argument 'var' (did you mean 'vars'?)",
    lambda b: b.space("resnet18", batch=2): (
        "space has no argument 'batch'; write assumptions=Assumptions(batch=2)"
    ),
    lambda b: b.compare([], base="a"): "compare has no argument 'base' (did you mean 'baseline'?)",
    lambda b: b.difference(None): "difference(old, new): missing a required argument: 'new'",
    lambda b: b.block("conv", out=8): (
        "block(word, input, defaults, fields): missing a required argument: 'input'"
    ),
    lambda b: b.Net(3, 224, 224): "Net(input, defaults, name): too many positional arguments",
    lambda b: b.Net((3, 8, 8), norm="batch"): (
        "Net has no argument 'norm'; write defaults=Defaults(norm='batch')"
    ),
    lambda b: b.block("bottleneck", (8, 8, 8), norm="batch"): (
        "bottleneck has no argument 'norm'; it is one of the defaults, as in Defaults(norm=…)"
    ),
    lambda b: b.measure(GRAPH, also="training"): (
        "measure takes a list of analyses; write ['training']"
    ),
    lambda b: b.space("resnet18", metrics="macs"): "space takes a list of metrics; write ['macs']",
    lambda b: b.space("resnet18", where="cin<8"): (
        "space takes a list of conditions; write ['cin<8']"
    ),
    lambda b: b.space("resnet18", sample="3"): (
        "sample is '3'; it must be a whole number of at least 1"
    ),
    lambda b: b.sweep(b.space("resnet18"), 0): (
        "workers is 0; it must be a whole number of at least 1"
    ),
    lambda b: b.check("configs/budgets.yaml", only="resnet50"): (
        "check takes a list of models; write ['resnet50']"
    ),
    lambda b: b.measure(GRAPH, b.Assumptions(dtype=float)): (
        "unknown dtype <class 'float'>; there are float64, float32, tf32, float16, bfloat16, "
        "float8, int16, int8, uint8"
    ),
    lambda b: b.measure(GRAPH, b.Assumptions(dtype=["int8"])): (
        "unknown dtype ['int8'] (did you mean 'int8'?)"
    ),
    lambda b: b.measure(GRAPH, b.Assumptions(optimizer=["adam"])): (
        "unknown optimizer ['adam'] (did you mean 'adam'?)"
    ),
    lambda b: b.measure(GRAPH, also=3): "measure takes also as Iterable[str], not int 3",
    lambda b: b.compare(3): "compare takes reports as Iterable[Report], not int 3",
    lambda b: b.compare([b.measure(GRAPH)]).ratio(b.measure(GRAPH), ["macs"]): (
        "Comparison.ratio takes metric as str, not list ['macs']"
    ),
    lambda b: b.difference(None, b.measure(GRAPH)).held(None): (
        "Difference.held takes metric as str, not NoneType None"
    ),
    lambda b: (net := b.Net((3, 8, 8))).act(net.input, act=[]): (
        f"there is no activation '[]'; there are {', '.join(ACTIVATIONS)}"
    ),
    lambda b: b.Defaults(nrm="batch"): "Defaults has no argument 'nrm' (did you mean 'norm'?)",
}


@each_of(CALLS.items())
def test_a_call_that_does_not_fit_says_what_to_write(row: tuple[Callable[[Any], Any], str]) -> None:
    call, message = row
    with pytest.raises(bncalc.UsageError) as error:
        call(bncalc)
    assert str(error.value) == message


def test_a_mistake_within_a_call_is_not_taken_for_one_of_the_call() -> None:
    def reports() -> Iterator[bncalc.Report]:
        yield len(3)  # type: ignore[arg-type,misc]

    with pytest.raises(TypeError, match="object of type 'int' has no len"):
        bncalc.compare(reports())


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="named tuples are those of typing there")
def test_a_class_is_called_by_its_own_name() -> None:
    with pytest.raises(TypeError, match=r"^Comparison.__new__\(\) missing 1 required"):
        bncalc.Comparison(())  # type: ignore[call-arg]


def test_public_functions_and_assumptions_can_be_sent_to_other_processes() -> None:
    for thing in (bncalc.measure, bncalc.Assumptions(batch=2)):
        assert pickle.loads(pickle.dumps(thing)) == thing
