"""What must hold for every input: an answer or a located error, and sums that agree."""

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import shipped
from tests.texts import Texts

import bncalc
from bncalc.errors import Problem
from bncalc.model.registry import BLOCKS, OPS, find
from bncalc.opening.model import open_model
from bncalc.zoo import MODELS

VALUES = st.one_of(
    st.integers(-2, 9),
    st.sampled_from([None, True, 0.5, "=cin", "=i", "=cin/2", "relu", "batch", "x", "=c +"]),
    st.lists(st.integers(0, 4), max_size=3),
)
WORDS = st.sampled_from([*OPS, *BLOCKS, "stage", "mine", "conf"])


@st.composite
def entries(draw: st.DrawFn) -> Any:
    word = draw(WORDS)
    names = [field.name for field in find(word).fields] if word in {**OPS, **BLOCKS} else []
    fields = draw(st.dictionaries(st.sampled_from([*names, "out", "kernal"]), VALUES, max_size=3))
    entry: dict[str, Any] = {word: draw(st.sampled_from([fields, None, [], [[], []]]))}
    wiring = draw(
        st.dictionaries(st.sampled_from(["id", "from", "repeat", "first"]), VALUES, max_size=2)
    )
    return draw(st.sampled_from([{**entry, **wiring}, entry, word]))


def answer(text: str) -> None:
    """Open a text as a file; every way out but an answer or a located error is a failure."""

    problems: tuple[Problem, ...] = ()
    try:
        for graph in open_model("file.yaml", files=Texts({"file.yaml": text})).graphs:
            bncalc.measure(graph)
    except bncalc.SpecError as error:
        problems = error.problems
    assert all(problem.location.path and problem.message for problem in problems)


@given(st.text())
@settings(max_examples=100)
def test_any_text_ends_in_an_answer_or_a_located_error(text: str) -> None:
    answer(text)


@given(st.lists(entries(), max_size=6), st.sampled_from([[3, 8, 8], [4, 1, 1], [3, 8], "=x"]))
@settings(max_examples=50)  # tests/fuzz has as many more, of files that are nearly right
def test_any_vocabulary_ends_in_an_answer_or_a_located_error(layers: Any, shape: Any) -> None:
    mine = {"mine": {"args": {"out": 4}, "layers": [{"conv": {"out": "=out"}}]}}
    file = {"input": shape, "define": mine, "layers": layers}
    answer(yaml.dump(file, Dumper=yaml.CSafeDumper))


@given(st.integers(1, 64), st.integers(1, 64), st.integers(1, 3))
@settings(max_examples=50)
def test_costs_grow_with_the_width(mid: int, more: int, stride: int) -> None:
    shape = (32, 12, 12)
    small, large = (
        bncalc.measure(bncalc.block("bottleneck", shape, mid=width, out=64, stride=stride)).totals
        for width in (mid, mid + more)
    )
    assert small.params < large.params
    assert small.macs < large.macs
    assert small.activations < large.activations


@given(st.sampled_from(sorted(MODELS)))
@settings(max_examples=10)
def test_every_part_costs_what_its_layers_cost(name: str) -> None:
    report = shipped.report(name)
    for part in report.sections:
        layers = report.layers[part.start : part.stop]
        assert part.cost.params == sum(layer.cost.params for layer in layers)
        assert part.cost.macs == sum(layer.cost.macs for layer in layers)
        assert part.traffic == sum(layer.traffic for layer in layers)
        assert all(layer.path.startswith(part.path) for layer in layers)
