"""What tables say beside their numbers: shares, savings, arithmetic worked out, inputs, notes."""

import csv
import io

import pytest
from tests.program import run


def test_a_share_is_a_number_beside_its_bar() -> None:
    shown = run("show", "resnet18", "--depth", "1").stdout
    (stage,) = [line for line in shown.splitlines() if line.startswith("stage1 ")]
    assert stage.endswith("462,422,016   25.5 % ██")  # of 1,814,073,344
    rows = list(csv.DictReader(io.StringIO(run("show", "resnet18", "-f", "csv").stdout)))
    assert float(rows[0]["share"]) == 118_013_952 / 1_814_073_344


def test_a_block_works_its_macs_out_and_its_saving() -> None:
    shown = run("block", "--cin", "256", "--mid", "64").stdout
    assert "16,384 · 56·56 = 51,380,224" in shown  # 16,384 · 3,136
    assert "589,824 · 56·56 = 1,849,688,064 MACs" in shown
    assert "88.2 % fewer params (÷8.47) and 88.2 % fewer MACs (÷8.47)" in shown
    rows = list(csv.DictReader(io.StringIO(run("block", "--cin", "256", "-f", "csv").stdout)))
    assert rows[0]["macs"] == str(16_384 * 56 * 56)


def test_a_block_that_costs_more_says_so() -> None:
    shown = run("block", "inverted_residual", "--cin", "64", "--expand", "6").stdout
    plain, inverted = 64 * 9 * 64, 64 * 384 + 9 * 384 + 384 * 64
    share, ratio = 100 * (inverted - plain) / plain, inverted / plain
    assert f"{share:.1f} % more params ({ratio:.2f}×)" in shown


def test_top_means_the_costliest() -> None:
    shown = run("show", "resnet18", "--top", "2", "-f", "csv").stdout
    assert [line.split(",")[0] for line in shown.splitlines()[1:-1]] == ["stem", "stage1/0/conv1"]
    by_params = run("show", "vgg16", "--top", "1", "--columns", "params", "-f", "csv").stdout
    assert by_params.splitlines()[1].startswith("linear1,")


def test_designs_of_different_inputs_show_them() -> None:
    shown = run("compare", "resnet18", "yolov5s", "-f", "csv").stdout.splitlines()
    assert shown[0].startswith("name,input,params")
    assert shown[2].startswith("yolov5s,3×640×640,7235389")
    assert ",input," not in run("compare", "resnet18", "resnet34", "-f", "csv").stdout


@pytest.mark.parametrize(
    ("command", "most"),
    [
        (("show", "resnet18", "--top", "3", "--optimizer", "adam", "--as", "fvcore"), 2),
        (("memory", "resnet18", "--fit", "1GiB", "--checkpoint"), 2),
        (("compare", "resnet18", "resnet34", "--device", "a100", "--columns", "rf"), 1),
        (("block", "--cin", "64", "--mid", "16", "--norm", "batch"), 4),
    ],
)
def test_notes_are_few(command: tuple[str, ...], most: int) -> None:
    body = run(*command).stdout.rstrip("\n").splitlines()
    last = max(at for at, line in enumerate(body) if line.startswith(("total ", "resnet34 ")))
    assert len(body) - last - 1 <= most
