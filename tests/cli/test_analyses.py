"""What columns and devices add to an answer, as programs read it."""

import json
from typing import Any

import pytest
from tests.program import run
from tests.rows import each_of


def document(*arguments: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(run(*arguments, "--format", "json").stdout)
    return read


def test_a_device_adds_bounds_and_says_what_they_rest_on() -> None:
    answer = document("show", "mobilenet_v1", "--device", "a100", "--dtype", "float16")
    assert (answer["device"], answer["arithmetic"]) == ("a100", "float16")
    totals, layers = answer["designs"][0]["totals"], answer["designs"][0]["layers"]
    assert totals["lower_bound_seconds"] == pytest.approx(
        sum(layer["lower_bound_seconds"] for layer in layers)
    )
    assert totals["intensity"] == 2 * totals["macs"] / totals["traffic_bytes"]
    assert totals["memory_bound_share"] == 1
    assert {layer["wall"] for layer in layers} == {"memory", None}


@pytest.mark.parametrize("command", ["show", "compare"])
def test_a_microcontroller_runs_int8_if_no_type_is_given(command: str) -> None:
    call = (command, "mlperf_tiny_ic", "--device", "stm32f746")
    assert document(*call)["dtype"] == "int8"
    assert document(*call, "--dtype", "float32")["dtype"] == "float32"


def test_what_was_asked_for_stays_on_a_narrow_screen() -> None:
    """Numbers that every comparison has make room for those of the options."""
    nets = ("compare", "mlperf_tiny_vww", "mlperf_tiny_ic")
    shown = run(*nets, "--device", "stm32f746", COLUMNS="80").stdout
    assert all(word in shown.partition("batch 1")[0] for word in ("RAM", "flash", "verdict"))
    (left_out,) = [line for line in shown.splitlines() if line.startswith("columns without room")]
    assert left_out.startswith(
        "columns without room: activations, weight memory, peak activations;"
    )
    named = run(*nets, "--columns", "activations,weights,peak,ram,flash,fits", COLUMNS="60").stdout
    assert "activations" in named.partition("columns without room")[0]


def test_columns_add_receptive_fields() -> None:
    answer = document("show", "resnet18", "--columns", "rf")
    totals, layers = answer["designs"][0]["totals"], answer["designs"][0]["layers"]
    assert totals["receptive_field"] == [435, 435]
    assert totals["effective_stride"] == [32, 32]
    assert totals["effective_padding"] == [217, 217]
    assert totals["receptive_field_of"] == "stage4/1/relu"
    assert layers[0]["receptive_field"] == [7, 7]
    assert (layers[-1]["receptive_field"], layers[-1]["receptive_field_scope"]) == (None, "whole")
    assert "lower_bound_seconds" not in totals


def test_what_is_not_asked_for_is_not_there() -> None:
    answer = document("compare", "resnet18", "resnet34")
    assert "device" not in answer
    assert not {"intensity", "receptive_field"} & set(answer["designs"][0]["totals"])


def test_a_block_takes_columns_and_a_device() -> None:
    arguments = ("--cin", "64", "--columns", "rf,bound", "--device", "raspberry_pi_5")
    totals = document("block", "basic", *arguments)["designs"][0]["totals"]
    assert totals["receptive_field"] == [5, 5]
    assert totals["lower_bound_seconds"] > 0


@each_of(
    [
        (("show", "mlperf_tiny_ic"), "mlperf_tiny_ic: MACs by part, 12,501,632 in all"),
        (("compare", "mlperf_tiny_ic", "mlperf_tiny_vww"), "2 designs, against mlperf_tiny_ic"),
        (("memory", "mlperf_tiny_ic"), "live feature maps along the layers"),
    ],
)
def test_a_chart_stands_under_the_table(call: tuple[str, ...], title: str) -> None:
    shown = run(*call, "--plot", COLUMNS="80").stdout
    assert shown.startswith(run(*call, COLUMNS="80").stdout)
    assert title in shown.partition("\n\n")[2]
    refused = run(*call, "--plot", "-f", "csv")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--plot goes with a table" in refused.stderr


@each_of(
    [
        ((), None),
        (("--optimizer", "adam"), "training memory"),
        (("--checkpoint",), "training memory"),
        (("--fit", "1GiB"), "images training"),
        (("--device", "stm32f746"), "RAM"),
    ]
)
def test_no_option_is_given_in_vain(options: tuple[str, ...], column: str | None) -> None:
    call = ("compare", "mlperf_tiny_ic", "mlperf_tiny_kws", "--columns", "params")
    bare, header = (run(*call, *more).stdout.splitlines()[1] for more in ((), options))
    assert (column or bare) in header
    assert (header == bare) == (column is None)


def test_bars_are_of_the_columns_that_are_metrics() -> None:
    call = ("compare", "mlperf_tiny_ic", "mlperf_tiny_kws", "--columns", "input,macs,convention")
    drawn = run(*call, "--as", "thop", "--plot").stdout.partition("\n\n")[2].splitlines()
    assert [line for line in drawn if "mlperf" not in line] == ["MACs"]
