"""Deployment: RAM and flash taken apart, against makers' tables and published figures."""

from itertools import pairwise
from pathlib import Path

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.arena.arena import arena
from bncalc.analysis.arena.deployment import Deployment, deploy
from bncalc.analysis.arena.flash import Flash, Footprint, Share
from bncalc.analysis.arena.runtime import BOUND, INPLACE, RUNTIMES, TFLM, padding_of, runtime_of
from bncalc.analysis.arena.scratch import instructions_of
from bncalc.analysis.assumptions import Patches
from bncalc.model.device import Device
from bncalc.model.graph import Conversion, Span
from bncalc.zoo import file_of

BOARD = Device("board", ram=320 * 1024, flash=1024 * 1024, core="cortex-m7")

# Weights Flash of STMicroelectronics' model zoo (stm32ai-modelzoo, 6f10965), in KiB.
MAKERS_FLASH = (
    ("mobilenet_v1_x0_25", 467.33),
    ("mobilenet_v1_x0_5", 1314.00),
    ("mlperf_tiny_ic", 76.90),
)


def deployed(name: str, device: Device = BOARD, runtime: str = "tflm") -> Deployment:
    return deploy(shipped.graph(name), device, RUNTIMES[runtime])


def shares(name: str, device: Device = BOARD, runtime: str = "tflm") -> dict[str, int | None]:
    return {share.name: share.size for share in deployed(name, device, runtime).ram.shares}


@pytest.mark.parametrize(("name", "kib"), MAKERS_FLASH)
def test_weights_and_biases_are_the_makers_to_a_hundredth(name: str, kib: float) -> None:
    flash = {share.name: share.size for share in deployed(name).flash.shares}
    assert round(((flash["weights"] or 0) + (flash["biases"] or 0)) / 1024, 2) == kib


def test_ram_is_taken_apart_and_what_is_left_is_said() -> None:
    ram = deployed("mlperf_tiny_ic").ram
    assert shares("mlperf_tiny_ic") == {
        "maps": 49_152,
        "scratch": 576,
        "persistent": 5_472,  # the runtime reports 5,404
        "reserved": 0,
    }
    assert (ram.needed, ram.left, ram.fits) == (55_200, 320 * 1024 - 55_200, True)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_what_is_there_for_training_only_takes_no_flash(name: str) -> None:
    with_heads, without = (
        bncalc.measure(bncalc.network(each), also=["flash"]).numbers()["flash_bytes"]
        for each in (f"{name}_aux", name)
    )
    assert with_heads == without


def test_flash_of_a_device_is_what_the_verdict_counts() -> None:
    assumed = bncalc.Assumptions(device=BOARD._replace(reserved_flash=4096))
    for name in ("mlperf_tiny_vww", "mobilenet_v2", "regnet_y_400mf"):
        report = bncalc.measure(bncalc.network(name), assumed, ["flash", "deployment"])
        assert (
            report.result(Deployment).flash.needed == report.result(Flash).of_whole()["flash_bytes"]
        )


def test_what_the_application_takes_counts() -> None:
    full = BOARD._replace(reserved_ram=300 * 1024)
    assert deployed("mlperf_tiny_ic", full).ram.fits is False
    assert shares("mlperf_tiny_ic", full)["reserved"] == 300 * 1024


def test_scratch_of_a_core_without_a_table_is_not_known_and_nothing_is_promised() -> None:
    other = BOARD._replace(core="xtensa-lx7")
    assert shares("mlperf_tiny_ic", other)["scratch"] is None
    assert deployed("mlperf_tiny_ic", other).ram.fits is None
    assert deployed("mlperf_tiny_ic", other._replace(ram=16_384)).ram.fits is False


def test_why_scratch_is_not_known_is_said() -> None:
    graph = shipped.graph("mlperf_tiny_ic")
    converted = Conversion(1, (), (0,) * len(graph.nodes), unknown=("svdf", "lstm"))
    rows = [
        (deployed("mlperf_tiny_ic"), ""),
        (deployed("mlperf_tiny_ic", Device("")), "its kernels is not known without a device"),
        (deployed("mlperf_tiny_ic", BOARD._replace(core="lx7")), "its kernels is not known on lx7"),
        (
            deploy(graph, BOARD, TFLM, dtype="float32"),
            "its kernels is not known for maps of this type",
        ),
        (deploy(graph._replace(conversion=converted), BOARD, TFLM), "svdf, lstm is not known"),
    ]
    for deployment, why in rows:
        assert deployment.unknown == (why and f"the scratch of {why}")


def test_scratch_of_floats_is_not_known() -> None:
    graph = shipped.graph("mlperf_tiny_ic")
    ram = deploy(graph, BOARD, TFLM, dtype="float32").ram
    assert {share.name: share.size for share in ram.shares}["scratch"] is None


def test_flash_of_unknown_size_decides_nothing() -> None:
    flash = deployed("mlperf_tiny_ic", BOARD._replace(flash=None)).flash
    assert (flash.fits, flash.left) == (None, None)


@each_of(
    [
        ((60, 40), 100, True, "fits"),
        ((60, 41), 100, False, "does not fit"),
        ((60, None), 100, None, "may fit"),
        ((101, None), 100, False, "does not fit"),
        ((60, 40), None, None, "may fit"),
    ]
)
def test_what_takes_all_of_a_memory_fits(
    sizes: tuple[int | None, ...], available: int | None, fits: bool | None, verdict: str
) -> None:
    taken = Footprint("RAM", tuple([Share("a", size) for size in sizes]), available)
    assert taken.fits is fits
    own = deployed("mlperf_tiny_ic")
    made = Deployment(own.device, own.runtime, own.padding, own.arena, taken, own.flash)
    assert made.verdict == verdict


def test_what_a_layer_stores_is_its_biases_first() -> None:
    """4 weights and 4 biases in a byte each, where biases usually take 4 bytes."""
    net = bncalc.Net((1, 4, 4))
    net.store(net.conv(net.input, 4, 1, bias=True), 8 * 8)
    sizes = {share.name: share.size for share in deploy(net.graph("net"), BOARD, TFLM).flash.shares}
    assert (sizes["weights"], sizes["biases"]) == (0, 8)


def test_each_operation_of_a_file_takes_some_of_it() -> None:
    files = []
    for layers in range(4):
        net = bncalc.Net((8, 16, 16))
        x = net.input
        for _ in range(layers):
            x = net.conv(x, 8, 3)
        flash = deploy(net.graph("net"), BOARD, TFLM).flash
        files.append({share.name: share.size or 0 for share in flash.shares}["file"])
    steps = {after - before for before, after in pairwise(files)}
    assert len(steps) == 1
    assert 0 < steps.pop() < files[0]


def test_what_lives_between_runs_of_a_file_is_kept_beside_its_maps() -> None:
    net = bncalc.Net((1, 4, 4))
    net.conv(net.input, 4, 1)
    graph = net.graph("net")
    maps = (Span("in", 16, 0, 1), Span("conv", 64, 1, 1))
    arenas = [
        deploy(
            graph._replace(conversion=Conversion(1, maps, (0, 1), variables=variables)), BOARD, TFLM
        ).arena
        for variables in (0, 100)
    ]
    persistent = [arena.persistent or 0 for arena in arenas]
    assert persistent[1] - persistent[0] == 100
    assert [arena.size - arena.head for arena in arenas] == persistent
    bound = deploy(graph, BOARD, BOUND).arena
    assert (bound.persistent, bound.size) == (None, bound.head)


def test_a_step_with_scratch_of_its_own_has_none_of_the_core() -> None:
    net = bncalc.Net((1, 4, 4))
    net.conv(net.conv(net.input, 4, 3), 4, 3)
    maps = (Span("in", 16, 0, 1), Span("conv1", 64, 1, 2), Span("conv2", 64, 2, 2))
    scratch = []
    for own in ((), (Span("own", 8, 1, 1),)):
        conversion = Conversion(1, maps, (0, 1, 2), scratch=own)
        plan = arena(net.graph("net")._replace(conversion=conversion), TFLM, instructions="dsp")
        scratch.append([buffer.size for buffer in plan.scratch or ()])
    assert scratch == [[48, 144], [8, 144]]


def test_patches_that_fit_need_a_device_with_ram() -> None:
    graph = shipped.graph("mlperf_tiny_ic")
    with pytest.raises(bncalc.UsageError, match="--patch auto needs a device with RAM"):
        deploy(graph, BOARD._replace(ram=None), INPLACE, patches=Patches())
    assert deploy(graph, BOARD, INPLACE, patches=Patches()).patched is not None


@each_of([("bound", 1_505_280), ("inplace", 1_372 * 1024), ("tflm", 1_505_280)])
def test_maps_of_mobilenet_v2_by_runtime(runtime: str, maps: int) -> None:
    """MCUNetV2 (arXiv:2110.15352) publishes 1372 kB for whole maps, depthwise in place."""
    assert shares("mobilenet_v2", BOARD, runtime)["maps"] == maps


def test_a_row_of_mcunet_s_table(tmp_path: Path) -> None:
    """MobileNetV2 0.35 at 144 (Lin et al. 2020): 23.5 M MACs, 0.75 M params, 308 kB, 862 kB."""
    text = Path(file_of("mobilenet_v2")).read_text(encoding="utf-8")
    path = tmp_path / "net.yaml"
    path.write_text(text.replace('"=divisible(1280*max(1, width), 8)"', "448"))
    graph = bncalc.network(f"{path}@width=0.35@144")
    totals = bncalc.measure(graph).totals
    assert (totals.macs, totals.params) == (23_499_152, 750_280)
    sizes = [deploy(graph, BOARD, runtime).ram.shares[0].size for runtime in (TFLM, INPLACE)]
    assert sizes == [311_040, 290_304]
    assert deploy(graph, BOARD, INPLACE).flash.needed == 765_696


def test_the_bound_of_vww_is_below_what_is_placed() -> None:
    assert shares("mlperf_tiny_vww", BOARD, "bound")["maps"] == 55_296
    assert shares("mlperf_tiny_vww", BOARD, "tflm")["maps"] == 73_728


def test_a_runtime_is_known_by_its_name() -> None:
    assert [runtime_of(name) for name in ("bound", "tflm", "inplace")] == [BOUND, TFLM, INPLACE]
    with pytest.raises(bncalc.UsageError, match=r"unknown runtime 'tfml'.*tflm"):
        runtime_of("tfml")


def test_padding_is_known_by_its_word() -> None:
    assert [padding_of(word) for word in ("same", "strided", "all")] == ["same", "strided", "all"]
    with pytest.raises(bncalc.UsageError, match=r"unknown padding 'sane' \(did you mean 'same'"):
        padding_of("sane")


@each_of(
    [("cortex-m4", "dsp"), ("M4", "dsp"), ("m0+", "scalar"), ("cortex-m23", None), ("lx7", None)]
)
def test_a_core_is_known_with_its_family_and_without(core: str, instructions: str | None) -> None:
    assert instructions_of(core) == instructions
