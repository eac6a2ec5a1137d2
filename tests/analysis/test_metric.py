"""One table of metrics: a line more is a column, a limit, an order and a key of documents."""

import json
import subprocess
import sys

import pytest

import bncalc
from bncalc.analysis.metric import METRICS, additive, metric_named, standard
from bncalc.analysis.report import Totals
from bncalc.errors import UsageError

# A program with one metric more: the shifts of convolutions and norms.
PROGRAM = """
import sys
from bncalc.analysis.metric import METRICS, Metric
shifts = Metric("shifts", "shift_count", "count", "shifts", "learned shifts",
                lambda report: [layer.cost.biases for layer in report.layers])
METRICS["shifts"] = shifts
if sys.argv[1] == "test":
    from bncalc.testing import assert_within_budget
    assert_within_budget("alexnet", shifts=int(sys.argv[2]))
elif sys.argv[1] == "schema":
    import json
    from bncalc.budget.schema import schema
    print(json.dumps(schema()))
else:
    from bncalc.cli.main import main
    main()
"""
SHIFTS = 64 + 192 + 384 + 2 * 256 + 2 * 4096 + 1000  # AlexNet: a bias for each output channel


def run(*arguments: str, code: int = 0) -> str:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_a_metric_is_one_line_and_is_seen_everywhere() -> None:
    assert "learned shifts" in run("list", "columns")
    for name in ("shifts", "shift_count"):
        shown = run("show", "alexnet", "--columns", name, "--format", "csv").splitlines()
        assert shown[0].split(",")[1] == "shift_count"
        assert f"total,{SHIFTS}" in shown[-1]
    first = run("show", "alexnet", "--sort", "shifts", "--top", "1", "--format", "csv").splitlines()
    assert first[1].startswith("linear1,")
    assert first[1].endswith(",4096")
    (design,) = json.loads(run("show", "alexnet", "--format", "json"))["designs"]
    assert design["totals"]["shift_count"] == SHIFTS
    assert sum(layer["shift_count"] for layer in design["layers"]) == SHIFTS
    assert "Total shifts " in run("diff", "vgg11", "alexnet", "--by", "shifts")
    broken = run("check", "alexnet", "--max", f"shift_count={SHIFTS - 1}", code=1)
    assert f"shifts {SHIFTS:,} exceeds limit" in broken
    assert f"shifts {SHIFTS:,} exceeds" in run("test", str(SHIFTS - 1), code=1)
    assert run("test", str(SHIFTS)) == ""
    assert {"shifts", "shift_count"} <= set(
        json.loads(run("schema"))["definitions"]["limits"]["properties"]
    )


def test_the_table_reads_what_the_report_says() -> None:
    report = bncalc.measure(bncalc.load("googlenet")[0])
    assert [metric.key for metric in standard()] == list(Totals._fields)
    for metric in standard():
        assert metric.total(report) == getattr(report.totals, metric.key)


@pytest.mark.parametrize("name", ["googlenet_aux", "densenet121"])
@pytest.mark.parametrize("fold_norm", [False, True])
def test_what_layers_add_comes_to_the_total(name: str, fold_norm: bool) -> None:
    assumed = bncalc.Assumptions(batch=3, fold_norm=fold_norm, optimizer="adam", checkpoint=True)
    report = bncalc.measure(bncalc.load(name)[0], assumed, ["training", "flash"])
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
    with pytest.raises(UsageError, match=r"unknown metric 'parms' \(did you mean 'params'"):
        metric_named("parms")
