"""The commands that search, as people and programs read them."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.program import run
from tests.rows import each_of

from bncalc.cli.subject import witness_asked

NET = (
    "input: [3, 32, 32]\nvars: {width: 32, depth: 2}\nlayers:\n"
    "  - {conv: {out: =width, stride: 2}, id: stem}\n"
    "  - {conv: {out: =width}, repeat: =depth}\n  - global_avg_pool\n  - linear: {out: 10}\n"
)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return path


def said(*arguments: str) -> str:
    done = run(*arguments, COLUMNS="100")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_fit_writes_the_value_that_it_found(net: Path) -> None:
    answer = said("fit", str(net), "--vary", "width", "--max", "params=10k", "--write")
    assert "fits" in answer
    text = net.read_text()
    width = int(text.split("width: ")[1].split(",")[0])
    assert width < 32
    assert text.replace(f"width: {width}", "width: 32") == NET
    params = json.loads(said("show", str(net), "-f", "json"))["designs"][0]["totals"]["params"]
    more = said("show", f"{net}@width={width + 1}", "-f", "json")
    assert params <= 10_000 < json.loads(more)["designs"][0]["totals"]["params"]


def test_fit_of_two_values_takes_the_one_with_most(net: Path) -> None:
    call = ("fit", str(net), "--vary", "width=8:32:8", "--vary", "depth=1,2,3")
    document = json.loads(said(*call, "--max", "params=8k", "--maximize", "macs", "-f", "json"))
    assert document
    table = said(*call, "--max", "params=8k", "--maximize", "macs")
    assert "12 designs" in table
    nothing = run("fit", str(net), "--vary", "width=8:32:8", "--max", "params=1")
    assert nothing.returncode == 1


def test_fit_takes_the_memory_of_a_microcontroller_as_limits(net: Path, tmp_path: Path) -> None:
    board = tmp_path / "board.yaml"
    board.write_text("ram: 12 KiB\nflash: 1000 B\ncore: cortex-m4\n")
    call = ("fit", str(net), "--vary", "width=8,16,24", "--device", str(board), "-f", "json")
    assert run(*call).returncode == 1  # 1,000 bytes are not enough flash for any
    board.write_text("ram: 12 KiB\ncore: cortex-m4\n")
    best = json.loads(said(*call))["best"]
    on_it = ("--device", str(board), "-f", "json")
    for width in (8, 16, 24):
        design = json.loads(said("memory", f"{net}@width={width}", *on_it))["designs"][0]
        assert (design["totals"]["ram_bytes"] <= 12 * 1024) is (width <= best["values"]["width"])
    refused = run("fit", str(net), "--vary", "width", "--max", "macs=1M", "--runtime", "tflm")
    assert "a search without a limit on RAM does not use --runtime" in refused.stderr


SWEEP = ("--vary", "width=8:32:8", "--vary", "depth=1,2,3", "--metrics", "params,macs,peak")


def test_a_sweep_shows_every_design_in_every_form(net: Path) -> None:
    pytest.importorskip("numpy")
    rows = list(csv.DictReader(io.StringIO(said("sweep", str(net), *SWEEP, "-f", "csv"))))
    assert len(rows) == 12
    for row in rows[::5]:
        name = f"{net}@width={row['width']}@depth={row['depth']}"
        totals = json.loads(said("show", name, "-f", "json"))["designs"][0]["totals"]
        assert (int(row["params"]), int(row["macs"])) == (totals["params"], totals["macs"])
    assert json.loads(said("sweep", str(net), *SWEEP, "-f", "json"))
    assert "12 designs, the whole grid" in said("sweep", str(net), *SWEEP)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--quantiles --histogram macs", "--quantiles and --histogram are different answers"),
        ("--quantiles --front macs,params --top 3", "leave out --front and --top"),
        ("--plot macs,params --sort macs", "leave out --sort"),
        ("--parts d --join x.csv", "--parts shows all designs; leave out --join"),
        ("--sample 1000000000", "do not fit in memory together; write them to files with --parts"),
    ],
)
def test_no_option_of_a_sweep_is_ignored(options: str, message: str, net: Path) -> None:
    done = run("sweep", str(net), "--vary", "width=1:4", *options.split())
    assert done.returncode == 2
    assert message in done.stderr


def test_where_no_design_is_left_the_reason_is_said(net: Path) -> None:
    call = ("sweep", str(net), "--vary", "size=0,-1", "--vary", "width=8")
    parts = f"--parts {net.parent}/parts --parts-format csv"
    for options in ("", "--quantiles", "--plot=macs,params", parts):
        done = run(*call, *options.split())
        assert (done.returncode, done.stdout) == (2, "")
        assert "2 of 2 cannot be built, as size=0, width=8: size is 0; it must be" in done.stderr
    done = run("fit", str(net), "--vary", "size=0,-1", "--max", "macs=1M")
    assert (done.returncode, "\nnothing fits\n" in done.stdout) == (1, True)


def test_a_sweep_has_a_front_quantiles_and_a_histogram(net: Path) -> None:
    pytest.importorskip("numpy")
    front = said("sweep", str(net), *SWEEP, "--front", "params,macs", "-f", "csv")
    assert len(front.splitlines()) == 2  # of designs that only grow the smallest is the front
    shown = said("sweep", str(net), *SWEEP, "--front", "params,peak", "--min", "params=2k")
    assert "1 on the front of params and peak" in " ".join(shown.split())
    drawn = said("sweep", str(net), "--vary", "size,width", "--sample", "5")
    assert "net.yaml: size × width\n" in drawn
    table = said("sweep", str(net), *SWEEP, "--quantiles", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [float(row["share"]) for row in rows] == [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
    params = sorted(
        int(row["params"])
        for row in csv.DictReader(io.StringIO(said("sweep", str(net), *SWEEP, "-f", "csv")))
    )
    assert [int(row["params"]) for row in rows[::4]] == [params[0], params[5], params[-1]]
    bars = said("sweep", str(net), *SWEEP, "--histogram", "macs").splitlines()
    bars = [line for line in bars if " % " in line]
    assert max(line.count("█") for line in bars) == 24
    assert sum(float(line.split(" %")[0].split()[-1]) for line in bars) == pytest.approx(100, abs=1)
    nothing = run("sweep", str(net), *SWEEP, "--max", "params=1", "--plot", "macs,peak")
    assert (nothing.returncode, nothing.stderr) == (
        *(
            2,
            "error: no design is left to draw: 12 designs, the whole grid; 12 beyond the limits\n",
        ),
    )
    limited = said(
        "sweep", str(net), *SWEEP, "--max", "params=5k", "--where", "depth > 1", "-f", "csv"
    )
    assert 1 < len(limited.splitlines()) < 13


def test_results_of_ones_own_are_joined_by_what_varies(net: Path, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    results = tmp_path / "accuracy.csv"
    results.write_text("width,depth,accuracy\n8,1,50.5\n16,2,60\n32,3,55\n")
    joined = said("sweep", str(net), *SWEEP, "--join", str(results), "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(joined)))
    assert {row["accuracy"] for row in rows} >= {"50.5"}
    front = said("sweep", str(net), *SWEEP, "--join", str(results), "--front", "params,accuracy")
    assert "60" in front
    drawn = said("sweep", str(net), *SWEEP, "--join", str(results), "--plot", "macs,accuracy")
    assert "3 designs by MACs and accuracy, 2 on the front" in drawn  # 55 costs more than 60
    assert drawn.rstrip().endswith("bncalc 0.1.0")
    picture = tmp_path / "accuracy.svg"
    said(
        *("sweep", str(net), *SWEEP, "--join", str(results)),
        *("--plot", "macs,accuracy", "-o", str(picture)),
    )
    root = ElementTree.fromstring(picture.read_text("utf-8"))
    assert "width 8:32:8, depth 1,2,3" in "".join(root.itertext())


def test_a_space_whose_vary_is_misspelt_is_still_a_space(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    file = tmp_path / "space.yaml"
    file.write_text("model: mobilenet_v2\nvray: {width: [1]}\n")
    done = run("sweep", str(file))
    assert done.stderr == f"{file}:2:1: error: unknown key 'vray' (did you mean 'vary'?)\n"


def test_what_varies_is_an_axis_and_an_order_too(net: Path, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    drawn = said("sweep", str(net), *SWEEP, "--plot", "width,macs")
    assert drawn.startswith("12 designs by width and MACs\n")  # of a width none is better
    assert "across: width, up: MACs\n" in drawn
    picture = tmp_path / "width.svg"
    said("sweep", str(net), *SWEEP, "--plot", "depth,width", "-o", str(picture))
    assert "On the front" not in picture.read_text("utf-8")
    table = said("sweep", str(net), *SWEEP, "--sort", "depth", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["depth"] for row in rows] == sorted(row["depth"] for row in rows)
    words = run("sweep", "bottleneck", "--vary", "stride_on=3x3,1x1", "--plot", "stride_on,macs")
    assert "there is no column 'stride_on'" in words.stderr


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        ("macs", "write two columns, as in macs,peak"),
        ("macs,acc", "there is no column 'acc'"),
        ("macs,traffic", "'traffic' is not among the --metrics; name it there too"),
    ],
)
def test_a_plot_is_by_two_columns(net: Path, plot: str, message: str) -> None:
    pytest.importorskip("numpy")
    done = run("sweep", str(net), *SWEEP, "--plot", plot)
    assert done.returncode == 2
    assert message in done.stderr


def test_parts_of_a_sweep_are_written_and_a_second_run_goes_on(net: Path, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    call = ("sweep", str(net), "--vary", "width=8:64:1", "--sample", "40", "--seed", "3")
    parts = tmp_path / "parts"
    said(*call, "--parts", str(parts), "--parts-format", "csv")
    written = {path.name: path.read_bytes() for path in parts.iterdir()}
    assert any(name.endswith(".csv") for name in written)
    said(*call, "--parts", str(parts), "--parts-format", "csv")
    assert {path.name: path.read_bytes() for path in parts.iterdir()} == written


def without_numpy(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; sys.modules['numpy'] = None; from bncalc.cli.main import main; main()"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_without_numpy_a_sweep_says_how_to_get_it(net: Path) -> None:
    done = without_numpy("sweep", str(net), *SWEEP)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'bncalc[sweep]'" in done.stderr


def test_charts_of_several_designs_need_no_numpy() -> None:
    done = without_numpy("plot", "histogram", "alexnet", "resnet18", "resnet34")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 designs by ")


UNMEASURED = """\
input: [8, 20]
vars: {width: 16}
layers:
  - lstm: {hidden: =width}
"""
KEPT = "kept for backward: not known, and left out: lstm"
RAM = "RAM is at least what is shown: the scratch of its kernels is not known"


@each_of(
    [
        ("sweep - --vary width=8,16 --metrics training", KEPT),
        ("sweep - --vary width=8,16 --metrics ram -f json", RAM),
        ("fit - --vary width=8,16 --max training=1MiB", KEPT),
        ("fit - --vary width=8,16 --max ram=1MiB -f csv", RAM),
        ("formula - --vary width --metrics saved -f python", KEPT),
        ("sensitivity - --metrics saved", KEPT),
        ("memory - --optimizer adam", KEPT),
        ("show - --columns saved", KEPT),
    ]
)
def test_what_the_numbers_leave_out_is_said(call: str, says: str) -> None:
    pytest.importorskip("numpy")
    done = run(*call.split(), text=UNMEASURED)
    assert (done.returncode, done.stderr) == (0, "")
    assert says in done.stdout


@each_of(
    [
        ("compare - -@width=8", "-@width=8  576 (÷2.89)"),
        ("diff - -@width=8", "Total params −1,088"),
        ("show -@width=8", "total  8×20"),
        ("fit - --vary width=8,16 --max params=1k", "1 of them fit: width 8,16"),
        ("fit -@8,40 --vary width=8,16 --max macs=20k", "-@8,40: largest width"),
        ("formula - --vary width", "params           = 4·width² + 40·width"),
        ("sensitivity -", "width        16"),
    ]
)
def test_standard_input_is_a_model_everywhere_and_as_often_as_named(call: str, says: str) -> None:
    assert says in run(*call.split(), text=UNMEASURED).stdout


def test_a_type_that_varies_is_that_of_a_microcontroller_too() -> None:
    pytest.importorskip("numpy")
    call = ("--metrics", "ram,flash", "-f", "json")
    swept = json.loads(run("sweep", "mlperf_tiny_ic", "--vary", "dtype=int8,float32", *call).stdout)
    for design in swept["designs"]:
        alone = ("--dtype", design["values"]["dtype"], "--columns", "ram,flash", "-f", "json")
        totals = json.loads(run("compare", "mlperf_tiny_ic", *alone).stdout)["designs"][0]["totals"]
        for key in ("ram_bytes", "flash_bytes"):
            assert design[key] == totals[key]


@each_of(
    [
        ("plot bars - --by training", KEPT),
        ("plot histogram - --by ram", RAM),
        ("plot arena mlperf_tiny_vww --device esp32s3", RAM),
    ]
)
def test_a_chart_stands_beside_what_its_numbers_leave_out(call: str, says: str) -> None:
    done = run(*call.split(), text=UNMEASURED)
    assert (done.returncode, done.stderr.count(says)) == (0, 1)


def test_a_page_says_what_its_training_memory_leaves_out(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("report", "-", "-o", str(page), text=UNMEASURED).returncode == 0
    assert KEPT in page.read_text("utf-8")


@each_of(["show -", "memory -", "export - --to pytorch"])
def test_what_shows_one_design_lists_those_of_a_file_of_two(call: str) -> None:
    text = "input: [8, 16, 16]\nblocks: {a: {conv: {out: 8}}, b: {plain: {out: 8}}}\n"
    done = run(*call.split(), text=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds 2 alternatives; show one (-#a, -#b)" in done.stderr


@each_of(["fit - --vary size --max macs=1M", "sweep - --vary size=8,16", "formula - --vary size"])
def test_a_file_of_alternatives_is_asked_for_one_of_them(call: str) -> None:
    text = "input: [8, 16, 16]\nblocks: {a: {conv: {out: 8}}, b: {plain: {out: 8}}}\n"
    done = run(*call.split(), text=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds several designs; name one of them: -#a, -#b" in done.stderr


def test_names_of_a_formula_have_a_value_or_none() -> None:
    assert witness_asked(["width=8, depth", "k = 3"]) == {"width": 8, "depth": None, "k": 3}


def test_formulas_are_folded_at_words_on_a_screen_and_whole_in_a_file(tmp_path: Path) -> None:
    call = ("formula", "bottleneck", "--vary", "cin,mid")
    shown = run(*call, COLUMNS="60").stdout
    assert "25,088·cin\n  + 12,544·mid) bytes\n" in shown
    assert max(map(len, shown.splitlines())) <= 60
    run(*call, "-o", str(tmp_path / "f.txt"), COLUMNS="60")
    assert (tmp_path / "f.txt").read_text("utf-8") == run(*call).stdout
