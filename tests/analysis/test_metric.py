"""One table of metrics: a line more is a column, a limit, an order and a key of documents."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests import shipped

import bncalc
from bncalc.analysis.metric import METRICS, additive, limitable, metric_named, standard
from bncalc.errors import UsageError

# A program with one metric more, the shifts of convolutions and norms: it runs the calls that it is
# given and answers each with its exit code and all that it said.
PROGRAM = """
import json, sys; sys.path.append("docs")
from bncalc.analysis.metric import METRICS, Metric
METRICS["shifts"] = Metric("shifts", "shift_count", "count", "shifts", "learned shifts",
                           lambda report: [layer.cost.biases for layer in report.layers])
from tests.program import run
from budget_schema import schema
from bncalc.testing import assert_within_budget

def within(limit):
    try:
        assert_within_budget("alexnet", shifts=limit)
    except AssertionError as error:
        return str(error)

calls, limits = json.load(sys.stdin)
json.dump([[run(*call, merged=True)[:2] for call in calls], [within(limit) for limit in limits],
           schema()], sys.stdout)
"""
SHIFTS = 64 + 192 + 384 + 2 * 256 + 2 * 4096 + 1000  # AlexNet: a bias for each output channel
CALLS = (
    "list columns",
    "show alexnet --columns shifts --format csv",
    "show alexnet --columns shift_count --format csv",
    "show alexnet --sort shifts --top 1 --format csv",
    "show alexnet --format json",
    "diff vgg11 alexnet --by shifts",
    f"check alexnet --max shift_count={SHIFTS - 1}",
)


def test_a_metric_is_one_line_and_is_seen_everywhere() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([[call.split() for call in CALLS], [SHIFTS - 1, SHIFTS]]),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    answers, (over, kept), schema = json.loads(done.stdout)
    assert [code for code, _ in answers] == [0, 0, 0, 0, 0, 0, 1]
    columns, by_word, by_key, first, document, changed, broken = [said for _, said in answers]
    assert "learned shifts" in columns
    for shown in (by_word, by_key):
        head, *_, total = shown.splitlines()
        assert head.split(",")[1] == "shift_count"
        assert f"total,{SHIFTS}" in total
    first = first.splitlines()[1]
    assert first.startswith("linear1,")
    assert first.endswith(",4096")
    (design,) = json.loads(document)["designs"]
    assert design["totals"]["shift_count"] == SHIFTS
    assert sum(layer["shift_count"] for layer in design["layers"]) == SHIFTS
    assert "Total shifts " in changed
    assert f"shifts {SHIFTS:,} exceeds limit" in broken
    assert f"shifts {SHIFTS:,} exceeds" in over
    assert kept is None
    assert {"shifts", "shift_count"} <= set(schema["definitions"]["limits"]["properties"])


# A convolution of 3 to 4 channels on 8×8, its norm and its activation, on which both run in place:
# word, key, the whole, and each of the three.
BY_HAND: tuple[tuple[str, str, int, list[int]], ...] = (
    ("params", "params", 108 + 8, [3 * 4 * 9, 4 + 4, 0]),
    ("buffers", "buffers", 8, [0, 4 + 4, 0]),
    ("macs", "macs", 6_912, [108 * 64, 0, 0]),
    ("elementwise", "elementwise", 768, [0, 2 * 256, 256]),
    ("flops", "flops", 13_824 + 768, [2 * 6_912, 512, 256]),
    ("activations", "activations", 256, [4 * 64, 0, 0]),
    ("weights", "weight_bytes", 432 + 64, [4 * 108, 4 * 16, 0]),
    ("peak", "peak_activation_bytes", 1_792, [4 * (3 * 64 + 256), 4 * 256, 4 * 256]),
    ("traffic", "traffic_bytes", 2_288, [768 + 432 + 1_024, 64, 0]),
)


def test_every_standard_metric_is_what_was_worked_out() -> None:
    report = bncalc.measure(bncalc.block("conv", (3, 8, 8), out=4, norm="batch", act="relu"))
    assert [(metric.word, metric.key) for metric in standard()] == [row[:2] for row in BY_HAND]
    for metric, (_, key, whole, each) in zip(standard(), BY_HAND, strict=True):
        assert metric.total(report) == getattr(report.totals, key) == whole
        assert metric.of(report, 0, 3) == whole
        assert metric.along(report, [(0, 1), (1, 2), (2, 3)]) == each


@pytest.mark.parametrize("name", ["googlenet_aux", "densenet121"])
@pytest.mark.parametrize("fold_norm", [False, True])
def test_what_layers_add_comes_to_the_total(name: str, fold_norm: bool) -> None:
    assumed = bncalc.Assumptions(batch=3, fold_norm=fold_norm, optimizer="adam", checkpoint=True)
    report = bncalc.measure(shipped.graph(name), assumed, ["training", "flash"])
    for metric in (
        *additive(),
        *map(metric_named, ("training", "saved", "gradients", "optimizer", "flash")),
    ):
        assert metric.layers is not None
        assert sum(metric.layers(report)) == report.numbers()[metric.key], metric.word


def test_words_and_keys_name_one_metric_and_no_two() -> None:
    names = [name for metric in METRICS.values() for name in {metric.word, metric.key}]
    assert len(names) == len(set(names))
    assert all(metric_named(metric.key) is metric_named(metric.word) for metric in METRICS.values())
    assert metric_named("parameters") is METRICS["params"]
    assert metric_named("mult_adds", limitable()) is METRICS["macs"]
    with pytest.raises(UsageError, match="rf is not one of the metrics here, which are params, "):
        metric_named("rf", limitable())
    with pytest.raises(UsageError, match=r"unknown metric 'parms' \(did you mean 'params'"):
        metric_named("parms")
