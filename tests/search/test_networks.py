"""Whole networks at once: every number is what the network alone has, to the unit."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bncalc
from bncalc.analysis.assumptions import DEPLOY, EAGER, STANDARD, Policy
from bncalc.analysis.metric import METRICS, analyses, limitable
from bncalc.errors import BncalcError
from bncalc.model.graph import Graph
from bncalc.opening.family import ModelFamily
from bncalc.search.costing import Costing
from bncalc.search.partition import all_at_once, columns_of, rows
from bncalc.search.subject import ModelSubject
from bncalc.zoo import MODELS

WORDS = (
    *("params", "macs", "peak", "elementwise", "buffers", "activations", "traffic"),
    *("saved", "training"),
)
METRICS_HELD = [METRICS[word] for word in WORDS]
SIZES = (96, 128, 160, 161, 192, 224, 225, 256, 299, 320)
SAMPLE = random.Random(14).sample(sorted(MODELS), 3)


Numbers = tuple[int, ...]
POLICIES = (DEPLOY, EAGER)


def alone(
    model: str,
    values: dict[str, Any],
    policies: tuple[Policy, ...] = POLICIES,
    input: tuple[int, ...] | None = None,
) -> list[Numbers | None]:
    """Return the numbers of one design by each policy, built in full as `bncalc.load` builds it."""
    try:
        (graph,) = bncalc.load(model, vars=values, input=input)
        return [_numbers(graph, policy) for policy in policies]
    except BncalcError:
        return [None for _ in policies]


def _numbers(graph: Graph, policy: Policy) -> Numbers:
    report = bncalc.measure(graph, STANDARD._replace(policy=policy), ["training"])
    return tuple([metric.total(report) for metric in METRICS_HELD])


def together(model: str, designs: list[dict[str, Any]], policy: Policy) -> list[Numbers | None]:
    costing = Costing(
        ModelSubject(ModelFamily(model)), STANDARD._replace(policy=policy), METRICS_HELD
    )
    return list(rows(all_at_once(costing, columns_of(designs), len(WORDS))))


def agrees(model: str) -> None:
    names = ("size",) if "size" in ModelSubject(ModelFamily(model)).now else ("h", "w")
    own = bncalc.load(model)[0].input
    expected = []
    for size in SIZES:
        axes = [size] * own.axes if names == ("size",) else [*own.space[:-2], size, size]
        expected.append(alone(model, {}, input=(own.channels, *axes)))
    designs = [dict.fromkeys(names, size) for size in SIZES]
    for policy, numbers in zip(POLICIES, zip(*expected, strict=True), strict=True):
        assert together(model, designs, policy) == list(numbers)
        assert any(numbers)


@pytest.mark.parametrize("model", SAMPLE)
def test_ten_sizes_of_a_network_at_once(model: str) -> None:
    agrees(model)


@pytest.mark.parametrize("model", ["resnet18", "acnet_vgg16_deploy"])
def test_a_search_has_every_metric_that_a_budget_can_limit(model: str) -> None:
    metrics = limitable()
    costing = Costing(ModelSubject(ModelFamily(model)), STANDARD, metrics)
    report = bncalc.measure(bncalc.load(model)[0], STANDARD, analyses(metrics))
    assert costing({}) == [metric.total(report) for metric in metrics]


@pytest.mark.whole
@pytest.mark.parametrize("model", sorted(set(MODELS) - set(SAMPLE)))
def test_ten_sizes_of_every_network_at_once(model: str) -> None:
    agrees(model)


# Random networks: stages that repeat, with first copies of another kind, in own blocks within own
# blocks, with branches; widths, depths and strides vary.

ENTRIES = [
    "conv: {out: =width, kernel: 3}",
    "conv: {out: =width*2, act: none}",
    "conv: {out: =width, norm: none, kernel: 1}",
    "inverted_residual: {expand: =ratio, out: =width}",
    "inverted_residual: {expand: 2, se: 0.25}",
    'bottleneck: {mid: "=divisible(width*ratio, 4)", out: =width*2}',
    "basic: {out: =width}",
    "own: {out: =width}",
    "depthwise: {kernel: 5}",
    "dense_layer: {growth: =width}",
    "squeeze_excitation: {ratio: 2}",
    "layer_norm",
    "drop_path: {rate: 0.1}",
    "add: [[conv: {out: =cin}], []]",
    "concat: [[conv: {out: =width, kernel: 1}], [{avg_pool: {kernel: 3, stride: 1}}]]",
]
FIRSTS = ["stride: 2", "act: none", "kernel: 1", "norm: none"]
HEADER = """\
input: [3, 32, 32]
defaults: {norm: batch, act: relu}
vars: {width: 8, depth: 2, ratio: 2}
define:
  own:
    args: {out: , stride: 1}
    layers:
      - {conv: {out: =out, kernel: 1, stride: =stride}, repeat: =depth}
      - {inner: {out: =out}, repeat: 2}
  inner:
    args: {out: }
    layers:
      - add: [[{conv: {out: =out}}, {conv: {out: =out, act: none}, repeat: =depth}], []]
layers:
  - conv: {out: 8, stride: 2}
"""


@st.composite
def networks(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        entry = draw(st.sampled_from(ENTRIES))
        repeat = draw(st.sampled_from([None, "=depth", "3", "=depth*2"]))
        first = draw(st.sampled_from([None, None, *FIRSTS]))
        line = f"{{{entry}" if ":" in entry else f"{{{entry}: "
        line += f", repeat: {repeat}" if repeat else ""
        can = first and repeat and entry.startswith(("conv:", "own:"))
        can = can and (first == "stride: 2" or entry.startswith("conv:"))
        line += f", first: {{{first}}}" if can else ""
        lines.append(f"  - {line}}}\n")
    return HEADER + "".join(lines) + "  - global_avg_pool\n  - linear: {out: 10}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("random")


@settings(max_examples=8)
@given(
    text=networks(),
    designs=st.lists(
        st.fixed_dictionaries(
            {
                "width": st.integers(1, 12),
                "depth": st.integers(0, 4),
                "ratio": st.sampled_from([1, 2, 1.5]),
            }
        ),
        min_size=2,
        max_size=8,
    ),
    policy=st.sampled_from([DEPLOY, EAGER]),
)
def test_random_networks_at_once(
    folder: Path, text: str, designs: list[dict[str, Any]], policy: Policy
) -> None:
    path = folder / "net.yaml"
    path.write_text(text)
    expected = [alone(str(path), design, (policy,))[0] for design in designs]
    assert together(str(path), designs, policy) == expected


def test_a_product_of_large_channels_is_exact(tmp_path: Any) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [1000000000, 100000, 100000]\nvars: {out: 8}\nlayers:\n  - conv: {out: =out}\n"
    )
    designs = [{"out": 10**9}, {"out": 10**9 - 1}]
    numbers = together(str(path), designs, DEPLOY)
    assert numbers == [alone(str(path), design, (DEPLOY,))[0] for design in designs]
    assert numbers[0] is not None
    assert numbers[0][1] == 9 * 10**28


def test_columns_of_mixed_kinds_stay_what_they_are() -> None:
    columns = columns_of([{"width": 1, "act": "relu"}, {"width": 0.5, "act": None}])
    assert columns["width"].dtype == np.float64
    assert columns["act"].tolist() == ["relu", None]
