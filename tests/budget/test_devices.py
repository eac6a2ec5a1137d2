"""Budgets for a microcontroller: its RAM and flash are limits, and what makes the peak is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.program import run
from tests.repository import Repository
from tests.rows import each_of

import bncalc
from bncalc.analysis.arena.deployment import Deployment
from bncalc.analysis.assumptions import Assumptions
from bncalc.language.device import open_chip

NET = """\
input: [3, 96, 96]
vars: {width: 32}
layers:
  - {conv: {out: =width, stride: 2}, id: stem}
  - {conv: {out: =width}, repeat: 3}
"""
BOARD = "ram: 64 KiB\nflash: 24 KiB\ncore: cortex-m4\nreserved: {ram: 4 KiB}\n"
BUDGETS = """\
version: 1
budgets:
  - name: fits the board
    models: "*.yaml"
    device: boards/board.yaml
  - name: fits the large one
    models: net.yaml
    device: stm32h747
    limits: {macs: 1G}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards/board.yaml").write_text(BOARD)
    (tmp_path / "net.yaml").write_text(NET)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checks(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    done = run("check", *arguments, "--all", "--format", "json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)["checks"]


def test_the_sizes_of_a_device_are_the_limits_of_a_call() -> None:
    code, held = checks("mlperf_tiny_vww", "--device", "stm32f746")
    device = open_chip("stm32f746", ["float32", "int16", "int8"])
    assumed = Assumptions(device=device)
    report = bncalc.measure(bncalc.network("mlperf_tiny_vww"), assumed, ["deployment"])
    taken = report.result(Deployment)
    assert code == 0
    assert [(each["metric"], each["value"], each["bound"]) for each in held] == [
        ("ram", taken.ram.needed, 320 * 1024),
        ("flash", taken.flash.needed, 1024 * 1024),
    ]
    assert {each["device"] for each in held} == {"stm32f746"}


def test_a_limit_that_is_no_larger_takes_the_place_of_a_size() -> None:
    limits = ("--max", "ram=200KiB", "--max", "flash=2MiB")
    _, held = checks("mlperf_tiny_vww", "--device", "stm32f746", *limits)
    assert [(each["metric"], each["bound"]) for each in held] == [
        ("flash", 1024 * 1024),
        ("ram", 200 * 1024),
        ("flash", 2 * 1024 * 1024),
    ]


def test_each_budget_has_its_own_device(folder: Path) -> None:
    (folder / "bncalc.budget.yaml").write_text(BUDGETS)
    code, held_read = checks()
    assert code == 1
    held = {(each["budget"], each["metric"]): each for each in held_read}
    board, large = held["fits the board", "ram"], held["fits the large one", "ram"]
    assert (board["status"], board["bound"], board["device"]) == ("fail", 64 * 1024, "board")
    assert (large["status"], large["bound"], large["device"]) == ("pass", 512 * 1024, "stm32h747")
    assert board["value"] == large["value"] + 4 * 1024
    assert held["fits the large one", "macs"]["device"] is None


def test_a_finding_names_the_layer_and_the_maps_that_make_the_peak(folder: Path) -> None:
    _, (ram, _) = checks("net.yaml", "--device", "boards/board.yaml")
    assert ram["why"]["at"] == "conv/0"
    assert [(row["path"], row["new"]) for row in ram["why"]["layers"]] == [
        ("stem", 32 * 48 * 48),
        ("conv/0", 32 * 48 * 48),
        ("scratch of conv/0", 4 * 9 * 32),
    ]
    assert ram["location"]["line"] == 4


def test_edits_make_it_fit_and_are_what_the_verdict_says(folder: Path) -> None:
    _, (ram, flash) = checks("net.yaml", "--device", "boards/board.yaml")
    fix = ram["fixes"][0]
    assert fix["field"] == "vars.width"
    assert fix["meets"] == ["RAM <= 64 KiB", "flash <= 24 KiB"]
    assert flash["fixes"] == ram["fixes"]
    (folder / "net.yaml").write_text(NET.replace("width: 32", f"width: {fix['new']}"))
    assert checks("net.yaml", "--device", "boards/board.yaml")[0] == 0


def test_ram_that_is_not_known_in_full_keeps_no_limit() -> None:
    code, held = checks("mlperf_tiny_vww", "--device", "esp32s3")
    assert (code, held[0]["rule"]) == (1, "BN301")
    assert "not known on xtensa-lx7" in held[0]["reason"]
    code, held = checks("mlperf_tiny_vww", "--device", "esp32s3", "--allow-uncounted")
    assert (code, [each["rule"] for each in held]) == (0, ["BN101"])


def test_kept_maps_that_nobody_measured_keep_no_limit(folder: Path) -> None:
    (folder / "net.yaml").write_text("input: [8, 20]\nlayers:\n  - {id: read, lstm: {hidden: 4}}\n")
    code, held = checks("net.yaml", "--max", "training=1MiB")
    assert (code, held[0]["rule"]) == (1, "BN301")
    assert "what read keeps is not known" in held[0]["reason"]
    assert checks("net.yaml", "--max", "training=1MiB", "--allow-uncounted")[0] == 0
    _, held = checks("net.yaml", "--max", "training=1B")
    assert [each["rule"] for each in held] == ["BN101"]


def test_ram_beyond_its_limit_is_broken_for_certain() -> None:
    _, held = checks("mlperf_tiny_vww", "--max", "ram=64KiB")
    assert [(each["rule"], each["status"]) for each in held] == [("BN101", "fail")]


@each_of([(), ("--runtime", "bound"), ("--pad", "all"), ("--dtype", "float32")])
def test_the_options_of_memory_are_those_of_check(options: tuple[str, ...]) -> None:
    arguments = ("mobilenet_v1_x0_25", "--device", "stm32f746", *options)
    _, held = checks(*arguments, "--allow-uncounted")
    memory = run("memory", *arguments, "-f", "json")
    taken = json.loads(memory.stdout)["designs"][0]["totals"]["deployment"]
    assert [each["value"] for each in held] == [taken["ram"]["needed"], taken["flash"]["needed"]]


@pytest.mark.parametrize(
    ("device", "scope", "message"),
    [
        ("stm32f74", "model", "7:13: error: there is no file and no shipped device 'stm32f74'"),
        ("a100", "model", "7:13: error: a100 has no `ram:`, so nothing says what fits"),
        ("stm32f746", "layer", "7:13: error: a device is for whole models"),
        ("../out.yaml", "model", "7:13: error: ../out.yaml is outside the repository"),
    ],
)
def test_a_device_that_cannot_be_is_said_at_its_place(
    folder: Path, device: str, scope: str, message: str
) -> None:
    (folder.parent / "out.yaml").write_text(BOARD)
    (folder / "bncalc.budget.yaml").write_text(
        "version: 1\nassume:\n  runtime: tflm\nbudgets:\n"
        f"  - name: a\n    models: net.yaml\n    device: {device}\n    scope: {scope}\n"
    )
    done = run("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "match" not in done.stderr


def test_a_device_beside_a_budget_file_holds_its_models_too(folder: Path) -> None:
    limits = "version: 1\nbudgets:\n  - {name: all, models: '*.yaml', limits: {params: 1M}}\n"
    (folder / "bncalc.budget.yaml").write_text(limits)
    for call in ((), ("bncalc.budget.yaml",), ("--budget", "bncalc.budget.yaml", "net.yaml")):
        code, held = checks(*call, "--device", "boards/board.yaml")
        assert code == 1
        assert {each["budget"] for each in held} == {"all", "all, on board"}
        assert sorted([each["metric"] for each in held]) == ["flash", "params", "ram"]
    done = run("check", "--budget", "bncalc.budget.yaml", "--device", "a100")
    assert (done.returncode, "a100 has no `ram:`" in done.stderr) == (2, True)
    done = run("check", "--budget", "bncalc.budget.yaml", "--max", "params=1")
    assert "give limits with bncalc.budget.yaml or with --max and the like, not both" in done.stderr


@pytest.fixture
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose nets, board and budgets are committed."""
    repository = Repository(tmp_path)
    budgets = (
        "version: 1\nbase: {ref: HEAD}\nbudgets:\n"
        "  - {name: fits, models: net.yaml, device: board.yaml, growth: {ram: 10%}}\n"
    )
    (tmp_path / "ci").mkdir()
    for name, text in (("net", NET), ("board", BOARD), ("bncalc.budget", budgets)):
        (tmp_path / f"ci/{name}.yaml").write_text(text.replace("ram: 64 KiB", "ram: 200 KiB"))
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "first")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "ci"


def test_growth_on_a_device_is_that_of_its_ram(committed: Path) -> None:
    (committed / "net.yaml").write_text(NET.replace("width: 32", "width: 36"))
    code, held = checks("ci/bncalc.budget.yaml")
    (growth,) = [each for each in held if each["written"] == "10%"]
    assert (code, growth["status"], growth["device"]) == (1, "fail", "board")
    assert growth["value"] > 1.1 * growth["base"] > 1.1 * 64 * 48 * 48


def test_a_base_has_the_device_of_its_commit(committed: Path) -> None:
    """A larger chip in the same change is a budget loosened; one that is gone breaks nothing."""
    board = committed / "board.yaml"
    board.write_text(board.read_text().replace("200 KiB", "1 MiB").replace("4 KiB", "2 KiB"))
    shown = run("check", "ci/bncalc.budget.yaml", COLUMNS="200").stdout
    assert "RAM <= 200 KiB → 1024 KiB" in shown
    assert "device reserved ram 4096 → 2048" in shown
    board.rename(committed / "larger.yaml")
    budgets = committed / "bncalc.budget.yaml"
    budgets.write_text(budgets.read_text().replace("board.yaml", "larger.yaml"))
    shown = run("check", "ci/bncalc.budget.yaml", COLUMNS="200").stdout
    assert "RAM <= 200 KiB → 1024 KiB" in shown
    assert "device board → larger" in shown
