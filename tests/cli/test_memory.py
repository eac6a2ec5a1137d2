"""Memory on a microcontroller, as programs read it."""

import json
from pathlib import Path

import pytest
from tests.program import run


def deployment(*arguments: str) -> dict[str, object]:
    done = run("memory", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (design,) = document["designs"]
    assert design["totals"]["ram_bytes"] == design["totals"]["deployment"]["ram"]["needed"]
    return {**document, **design["totals"]["deployment"]}


def test_a_device_with_ram_assumes_int8_and_tflm_and_says_so() -> None:
    found = deployment("mlperf_tiny_vww", "--device", "stm32f746")
    assert (found["dtype"], found["runtime"], found["device"]) == ("int8", "tflm", "stm32f746")
    assert found["fits"] is True
    ram = found["ram"]
    assert isinstance(ram, dict)
    assert ram["parts"] == {"maps": 73_728, "scratch": 0, "persistent": 27_132, "reserved": 0}


def test_a_type_that_is_given_is_kept() -> None:
    found = deployment("mlperf_tiny_vww", "--device", "stm32f746", "--dtype", "float32")
    ram = found["ram"]
    assert isinstance(ram, dict)
    assert (found["dtype"], ram["parts"]["maps"], ram["complete"]) == ("float32", 4 * 73_728, False)


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


@pytest.mark.parametrize("format", ["csv", "markdown", "latex"])
def test_every_format_has_the_verdicts_parts(format: str) -> None:
    done = run("memory", "mlperf_tiny_ic", "--device", "stm32f746", "--format", format)
    assert done.returncode == 0
    assert "49152" in done.stdout.replace(",", "")


def test_a_shipped_network_is_named_as_the_zoo_s_and_other_formats_get_no_edits(
    tmp_path: Path,
) -> None:
    done = run("memory", "mobilenet_v2", "--device", "stm32f746", COLUMNS="200")
    assert "(zoo:mobilenet_v2.yaml:" in done.stdout
    path = tmp_path / "yolo.yaml"
    path.write_text("backbone:\n  - [-1, 1, Conv, [256, 3, 2]]\nhead: []\n")
    done = run("memory", str(path), "--device", "stm32f746", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "does not fit stm32f746" in done.stdout
    assert "would fit" not in done.stdout
