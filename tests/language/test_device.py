"""Device files: read, and every problem of one at its place."""

from pathlib import Path

import pytest
from tests.problems import told
from tests.rows import each_of

from bncalc.analysis.assumptions import DTYPES
from bncalc.errors import SpecError, UsageError
from bncalc.language.device import open_chip, open_device

TYPES = ("float32", "int8")


def written(text: str, tmp_path: Path) -> str:
    path = tmp_path / "board.yaml"
    path.write_text(text)
    return str(path)


def problems(text: str, tmp_path: Path) -> list[str]:
    path = written(text, tmp_path)
    return told(open_device, path, TYPES, of=path)


def test_rates_are_numbers_or_expressions(tmp_path: Path) -> None:
    text = "peak: {float32: 19.5e12, int8: =4 * 2.4e9 * 64}\nbandwidth: 1000\n"
    device = open_device(written(text, tmp_path), TYPES)
    assert device.peak == {"float32": 19_500_000_000_000, "int8": 614_400_000_000}
    assert (device.name, device.bandwidth) == ("board", 1000)


def test_every_problem_is_told_at_its_place(tmp_path: Path) -> None:
    text = (
        "nmae: x\n"
        "peak:\n"
        "  flaot32: 1e9\n"
        "  int8: -3\n"
        "  float32: =8 * clock\n"
        "bandwidth: fast\n"
        "source: [a]\n"
    )
    assert problems(text, tmp_path) == [
        ":1:1: error: unknown key 'nmae' (did you mean 'name'?)",
        ":3:3: error: unknown type 'flaot32' (did you mean 'float32'?)",
        ":4:9: error: peak of int8 is -3; it must be a whole number from 1 to 10^18",
        ":5:17: error: unknown name 'clock'",
        ":6:12: error: bandwidth is 'fast'; it must be a number, as in 19.5e12",
        ":7:9: error: source is a list; it must be text",
    ]


@each_of(
    [
        ("peak: {int8: 1}\n", ":1:1: error: there is no `bandwidth:`; a device file holds"),
        ("bandwidth: 1\n", ":1:1: error: there is no `peak:`; a device file holds"),
        ("peak: {}\nbandwidth: 1\n", ":1:7: error: peak is a mapping"),
        ("- 1\n", ":1:1: error: this is a list; a device file holds"),
        ("", ": error: the file is empty; a device file holds"),
        ("peak: {int8: 1.5}\nbandwidth: 1\n", ":1:14: error: peak of int8 is 1.5; it must be"),
        ("peak: {int8: .inf}\nbandwidth: 1\n", ":1:14: error: peak of int8 is inf; it must be"),
        ("ram: 100%\n", ":1:6: error: ram is '100%'; it must be bytes, as in 320 KiB"),
        ("ram: 1.5 B\n", ":1:6: error: ram is '1.5 B'; it must be bytes, as in 320 KiB"),
        ("peak: {int8: 1}\nbandwidth: yes\n", ":2:12: error: bandwidth is 'yes'; it must be"),
    ]
)
def test_what_cannot_be_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    (message,) = problems(text, tmp_path)
    assert message.startswith(problem)


def test_an_unknown_device_has_a_suggestion() -> None:
    with pytest.raises(UsageError, match=r"'arduino'.*did you mean 'arduino_nano_33_ble'"):
        open_device("arduino", TYPES)
    with pytest.raises(UsageError, match=r"'v100'; there are a100, "):
        open_device("v100", TYPES)
    assert open_device("STM32-F746", DTYPES).name == "stm32f746"


def test_a_path_that_leads_nowhere_is_a_missing_file() -> None:
    with pytest.raises(SpecError, match=r"nowhere/board.yaml.*there is no such file"):
        open_device("nowhere/board.yaml", TYPES)
    for path in ("nowhere.yaml", "nowhere.yml", "nowhere/board"):
        with pytest.raises(SpecError, match=f"{path}.*there is no such file"):
            open_device(path, TYPES)


def test_what_fits_is_said_of_a_device_with_memory() -> None:
    assert open_chip("stm32f746", DTYPES).ram == 320 * 1024
    with pytest.raises(UsageError, match="a100 has no `ram:`"):
        open_chip("a100", DTYPES)


def test_a_microcontroller_has_memory_and_a_core(tmp_path: Path) -> None:
    text = "ram: 320 KiB\nflash: =2 ** 20\ncore: cortex-m7\nreserved: {ram: 20 KiB, flash: 4096}\n"
    device = open_device(written(text, tmp_path), TYPES)
    assert (device.ram, device.flash, device.core) == (327_680, 1_048_576, "cortex-m7")
    assert (device.reserved_ram, device.reserved_flash) == (20_480, 4_096)
    assert (device.peak, device.bandwidth) == ({}, None)


def test_sizes_of_memory_have_a_unit_or_are_bytes(tmp_path: Path) -> None:
    text = "ram: 320 K\nflash: -1\nreserved: {rom: 3}\n"
    right = "bytes with a unit, such as 18 MiB (1024s) or 18 MB (1000s)"
    assert problems(text, tmp_path) == [
        f":1:6: error: ram: '320 K' is a count, and this is in bytes; write {right}",
        ":2:8: error: flash is -1; it must be a whole number from 1 to 10^18",
        ":3:12: error: unknown memory 'rom' (did you mean 'flash'?)",
    ]
