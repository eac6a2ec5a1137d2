"""Memory on a microcontroller, as programs read it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.program import run
from tests.rows import each_of


def deployment(*arguments: str) -> dict[str, Any]:
    done = run("memory", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (design,) = document["designs"]
    assert design["totals"]["ram_bytes"] == design["totals"]["deployment"]["ram"]["needed"]
    return {**document, **design["totals"]["deployment"]}


def test_a_device_with_ram_assumes_int8_and_tflm_and_says_so() -> None:
    needed = deployment("mlperf_tiny_vww", "--device", "stm32f746")
    assert (needed["dtype"], needed["runtime"], needed["device"]) == ("int8", "tflm", "stm32f746")
    assert needed["fits"] is True
    ram = needed["ram"]
    assert isinstance(ram, dict)
    assert ram["parts"] == {"maps": 73_728, "scratch": 0, "persistent": 27_132, "reserved": 0}


def test_a_type_that_is_given_is_kept() -> None:
    needed = deployment("mlperf_tiny_vww", "--device", "stm32f746", "--dtype", "float32")
    ram = needed["ram"]
    assert isinstance(ram, dict)
    assert (needed["dtype"], ram["parts"]["maps"], ram["complete"]) == (
        "float32",
        4 * 73_728,
        False,
    )


def test_the_plan_of_every_buffer_is_in_the_document() -> None:
    arena = deployment("mlperf_tiny_ic", "--device", "stm32f746")["arena"]
    assert isinstance(arena, list)
    assert [(each["size"], each["offset"]) for each in arena[:4]] == [
        (3_072, 0),
        (16_384, 32_768),
        (16_384, 0),
        (16_384, 16_384),
    ]


def test_edits_that_would_make_it_fit_are_recomputed(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [3, 96, 96]\nvars: {width: 32}\nlayers:\n"
        "  - {conv: {out: =width, stride: 2}, id: stem}\n"
        "  - {conv: {out: =width}, repeat: 3}\n"
    )
    board = tmp_path / "board.yaml"
    board.write_text("ram: 64 KiB\nflash: 1 MiB\ncore: cortex-m4\n")
    done = run("memory", str(path), "--device", str(board), COLUMNS="200")
    assert "does not fit board" in done.stdout
    edits = [
        line for line in done.stdout.splitlines() if line.startswith("would fit with vars.width")
    ]
    assert len(edits) == 1
    width = int(edits[0].split("<= ")[1].split()[0])
    for value, fits in ((width, True), (width + 8, False)):  # multiples of 8 come first
        text = path.read_text().replace("width: 32", f"width: {value}")
        changed = tmp_path / f"net{value}.yaml"
        changed.write_text(text)
        assert deployment(str(changed), "--device", str(board))["fits"] is fits


def test_an_edit_that_helps_ram_alone_is_not_said_to_make_it_fit(tmp_path: Path) -> None:
    path, board = tmp_path / "net.yaml", tmp_path / "board.yaml"
    path.write_text(
        "input: [3, 96, 96]\nlayers:\n  - {conv: {out: 16, stride: 2}, id: stem}\n"
        "  - conv: {out: 16}\n  - global_avg_pool\n  - linear: {out: 4000}\n"
    )
    board.write_text("ram: 64 KiB\nflash: 16 KiB\ncore: cortex-m4\n")
    answer = run("memory", str(path), "--device", str(board), COLUMNS="200").stdout
    assert "no single edit that was tried makes both fit" in answer
    edit = "RAM would fit with stem.conv.stride >= "
    (line,) = [line for line in answer.splitlines() if line.startswith(edit)]
    assert "\nwould fit with" not in answer
    stride = line.removeprefix(edit).split()[0]
    path.write_text(path.read_text().replace("stride: 2", f"stride: {stride}"))
    took = deployment(str(path), "--device", str(board))
    assert (took["ram"]["fits"], took["flash"]["fits"]) == (True, False)


@each_of(
    [
        ("--device", "stm32f746"),
        ("--device", "esp32s3"),
        ("--runtime", "inplace", "--patch", "2x2"),
    ],
)
def test_the_document_is_what_its_schema_says(options: tuple[str, ...]) -> None:
    further = ("--patch-layers", "4") if "--patch" in options else ()
    done = run("memory", "mlperf_tiny_vww", *options, *further, "--format", "json")
    schema = json.loads(run("schema", "report").stdout)
    jsonschema_rs.validate(schema, json.loads(done.stdout))


def test_a_file_of_numbers_has_the_verdict_and_names_each_part() -> None:
    done = run("memory", "mlperf_tiny_vww", "--device", "stm32l476", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {(row["name"], row["device"], row["fits"]) for row in rows} == {
        ("mlperf_tiny_vww", "stm32l476", "does not fit")
    }
    sizes = {row["part"]: int(row["bytes"]) for row in rows}
    for memory in ("ram", "flash"):
        parts = [size for part, size in sizes.items() if part.startswith(f"{memory}/")]
        assert sizes[memory] == sum(parts)


@pytest.mark.parametrize("options", [("--dtype", "int8"), ("--device", "stm32f746")])
def test_what_is_not_trained_in_integers_is_shown_if_it_is_asked_for(
    options: tuple[str, str],
) -> None:
    for form in ("json", "table", "csv"):
        done = run("memory", "mlperf_tiny_kws", *options, "--format", form)
        assert "backward" not in done.stdout
        assert "training" not in done.stdout
    asked = run("memory", "mlperf_tiny_kws", "--dtype", "int8", "--optimizer", "adam", "-f", "json")
    assert '"training_bytes"' in asked.stdout


def compared(*arguments: str) -> list[dict[str, str]]:
    done = run("compare", "mlperf_tiny_vww", "mobilenet_v2", *arguments, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_designs_are_compared_on_a_microcontroller() -> None:
    rows = compared("--device", "stm32f746")
    assert [row["fits"] for row in rows] == ["fits", "does not fit"]
    for row in rows:
        taken = deployment(row["name"], "--device", "stm32f746")
        ram, flash = taken["ram"], taken["flash"]
        assert isinstance(ram, dict)
        assert isinstance(flash, dict)
        assert (row["ram_bytes"], row["flash_bytes"]) == (str(ram["needed"]), str(flash["needed"]))
        assert "lower_bound_seconds" not in row


def test_what_is_compared_on_a_microcontroller_is_chosen_like_everything() -> None:
    assert "ram_bytes" not in compared("--device", "stm32f746", "--columns", "bound")[0]
    assert "fits" not in compared("--device", "a100")[0]
    (first, _) = compared("--device", "stm32f746", "--columns", "ram", "--runtime", "bound")
    assert first["ram_bytes"] == "55296"
    said = run("compare", "mlperf_tiny_vww", "--device", "esp32s3", "--columns", "ram,fits").stdout
    assert "may fit" in said
    assert "RAM is at least what is shown" in said


@each_of(["csv", "markdown", "latex"])
def test_every_format_has_the_verdicts_parts(format: str) -> None:
    done = run("memory", "mlperf_tiny_ic", "--device", "stm32f746", "--format", format)
    assert done.returncode == 0
    assert "49152" in done.stdout.replace(",", "")


def test_a_shipped_network_is_named_as_the_zoo_s_and_other_formats_get_no_edits(
    tmp_path: Path,
) -> None:
    done = run("memory", "mlperf_tiny_vww", "--device", "stm32l476", COLUMNS="200")
    assert "(now 6), zoo:mlperf_tiny_vww.yaml:" in done.stdout
    path = tmp_path / "yolo.yaml"
    path.write_text("backbone:\n  - [-1, 1, Conv, [256, 3, 2]]\nhead: []\n")
    done = run("memory", str(path), "--device", "stm32f746", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "does not fit stm32f746" in done.stdout
    assert "would fit" not in done.stdout


@each_of(
    [
        (("0x4", "--patch-layers", "1"), "--patch is '0x4'; write auto, or rows and columns"),
        (("4x1000", "--patch-layers", "1"), "--patch is '4x1000'; write auto"),
        (("ax4", "--patch-layers", "1"), "--patch is 'ax4'; write auto"),
        (("4", "--patch-layers", "1"), "16×32×32 cannot be cut into 4 patches"),
        (("4x4",), "--patch needs --patch-layers"),
        (("auto", "--patch-layers", "1"), "--patch-layers goes with --patch RxC"),
    ]
)
def test_patches_that_cannot_be_are_refused(patch: tuple[str, ...], message: str) -> None:
    done = run("memory", "mlperf_tiny_ic", "--device", "stm32f746", "--patch", *patch)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    ("arguments", "columns"),
    [
        ((), ["output", "peak_activation_bytes", "live_share", "saved_for_backward_bytes"]),
        (("--dtype", "int8"), ["output", "peak_activation_bytes", "live_share"]),
    ],
)
def test_what_is_saved_for_training_is_shown_of_types_that_train(
    arguments: tuple[str, ...], columns: list[str]
) -> None:
    header, *_ = run("memory", "resnet18", *arguments, "-f", "csv").stdout.splitlines()
    assert header.split(",") == ["path", *columns, "row"]


def test_bars_are_of_params_macs_and_the_peak_unless_others_are_named() -> None:
    shown = run("plot", "bars", "resnet18", "mobilenet_v2").stdout.splitlines()
    titles = [line for line in shown if line and not line.startswith(("resnet18", "mobilenet"))]
    assert titles[1:] == ["params", "MACs", "peak activations"]
