"""What tables say beside their numbers: shares, savings, arithmetic worked out, inputs, notes."""

import csv
import io
from pathlib import Path

from tests.program import run
from tests.rows import each_of

import bncalc
from bncalc.model.ops.pooling import MaxPool
from bncalc.render.csv import render as comma_separated
from bncalc.render.notes import notes, resting_on, types
from bncalc.render.sweep import counted_line, designs_view
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.render.views import comparison_view
from bncalc.search.sweep import Counted


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


def test_no_text_of_a_table_is_a_formula_of_a_spreadsheet() -> None:
    texts = ("-", "=", "=1+1", "-1", "a=b", "＝1")
    rows = tuple([Row((Cell(text),)) for text in texts])
    lines = comma_separated(Table("", (Column("t", "t", "name"),), rows)).splitlines()
    assert lines[1:] == ["-", "=", "'=1+1", "'-1", "a=b", "'＝1"]


def test_a_long_sum_is_cut_in_its_middle() -> None:
    options = ("--cin", "16", "--growth", "1", "--bottleneck", "1", "--layers")
    sums = [run("block", "dense_block", *options, layers).stdout for layers in ("6", "7")]
    six = "16 + 9 + 17 + 9 + 18 + 9 + 19 + 9 + 20 + 9 + 21 + 9"
    assert f"params: {six} = 165;" in sums[0]
    assert "params: 16 + 9 + 17 + 9 + 18 + 9 + … + 22 + 9 = 196;" in sums[1]


def test_how_many_designs_were_drawn_is_said_with_what_became_of_the_others() -> None:
    all_of_them = counted_line(Counted(1_200), is_grid=True)
    assert all_of_them == "1,200 designs, the whole grid"
    drawn = counted_line(Counted(10, 1, 2, 3), is_grid=False)
    others = "1 left out by a condition; 3 beyond the limits"
    assert drawn == f"10 designs, drawn at random; {others}"


def test_how_many_designs_cannot_be_built_is_said_once_with_the_reason() -> None:
    swept = run("sweep", "bottleneck@16,8,8", "--vary", "mid=1:20", "--vary", "groups=1:4").stdout
    assert swept.count("cannot be built") == 1
    assert "39 of 80 cannot be built, as mid=1, groups=2: 1 output channels are not" in swept


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


def test_the_windows_of_layers_are_numbers_where_the_file_leaves_them_out(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [3, 32, 32]\nlayers:\n  - conv: {out: 8, kernel: 5, dilation: 2}\n  - max_pool\n"
        "  - avg_pool: {kernel: [3, 5], padding: 0}\n  - conv: {out: 8, padding: same}\n  - relu\n"
    )
    shown = run("show", str(path), "--columns", "kernel,stride,padding", "-f", "csv").stdout
    rows = [row[1:4] for row in csv.reader(io.StringIO(shown))]
    # a pool's stride is its kernel; (5 − 1)·2 // 2 keeps the map of a dilated 5×5
    assert rows[1:6] == [
        ["5", "1", "4"],
        ["2", "2", "0"],
        ["3×5", "3×5", "0"],
        ["3", "1", "same"],
        ["", "", ""],
    ]


def test_designs_of_different_inputs_show_them() -> None:
    shown = run("compare", "resnet18", "yolov5s", "-f", "csv").stdout.splitlines()
    assert shown[0].startswith("name,input,params")
    assert shown[2].startswith("yolov5s,3×640×640,7235389")
    assert ",input," not in run("compare", "resnet18", "resnet34", "-f", "csv").stdout


@each_of(
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


def test_totals_stand_under_a_network_with_what_is_not_shown() -> None:
    for more, begins in (((), ""), (("--top", "2"), "37 more rows not shown; ")):
        (line,) = [x for x in run("show", "resnet18", *more).stdout.splitlines() if "params," in x]
        assert line.startswith(f"{begins}11.69 M params, 1.814 G MACs, ")


def test_a_tool_that_counts_nothing_of_one_design_has_no_ratio() -> None:
    pool, conv = (bncalc.Net((3, 8, 8)) for _ in "ab")
    pool.place(MaxPool(kernel=2, stride=2), pool.input)
    conv.conv(conv.input, 4, 3)
    assumed = bncalc.Assumptions(convention="fvcore")
    reports = [bncalc.measure(net.graph("n"), assumed, ["convention"]) for net in (pool, conv)]
    table = comparison_view(bncalc.compare(reports), ("macs", "convention"))
    assert [cell.ratio for cell in table.rows[1].cells] == [None, None, None]


def test_what_images_fit_in_is_said_where_they_are_counted() -> None:
    report = bncalc.measure(
        bncalc.block("conv", (3, 8, 8), out=4), bncalc.Assumptions(memory=2**30), ["training"]
    )
    said = "images: the largest batch that fits into 1.00 GiB"
    for columns, is_said in ((("params",), False), (("fit_training",), True)):
        assert any(said in line for line in notes((report,), columns)) is is_said
    plain = report._replace(assumptions=bncalc.Assumptions())
    assert not any("images" in line for line in notes((plain,), ("fit_training",)))


def test_how_many_rows_of_designs_are_not_shown_is_said() -> None:
    swept = bncalc.sweep(bncalc.space("conv", vary={"out": [1, 2, 3]}, metrics=["params"]))
    for top, note in ((1, "2 more rows not shown"), (2, "1 more row not shown")):
        table = designs_view(swept, {}, "title", top)
        assert (len(table.rows), table.notes[0]) == (top, note)
    for table in (designs_view(swept, {}, "title", 3), designs_view(swept, {}, "title")):
        assert not any("not shown" in note for note in table.notes)


def test_designs_are_counted_where_two_have_the_same_numbers() -> None:
    for padding, counts in (([0, 1], [2]), ([0], [])):
        space = bncalc.space("conv@out=4", vary={"padding": padding}, metrics=["params"])
        table = designs_view(bncalc.sweep(space), {}, "title")
        at = [i for i, column in enumerate(table.columns) if column.title == "designs"]
        assert [table.rows[0].cells[i].value for i in at] == counts
    space = bncalc.space("conv", vary={"padding": [0, 1], "out": [4]}, metrics=["params"])
    (row,) = designs_view(bncalc.sweep(space), {}, "title").rows
    assert [cell.value for cell in row.cells[:2]] == ["0 to 1", "4"]


def test_types_are_named_but_for_those_that_vary() -> None:
    for maps, varied, named in (
        (None, (), ["int8"]),
        ("int8", (), ["int8"]),
        ("float16", (), ["int8 weights", "float16 maps"]),
        ("float16", ("dtype",), ["float16 maps"]),
        ("float16", ("activation_dtype",), ["int8 weights"]),
        (None, ("dtype",), []),
    ):
        assumed = bncalc.Assumptions(dtype="int8", activation_dtype=maps)
        assert list(types(assumed, varied)) == named


@each_of(
    [
        ("float32", (), "int8 under tflm, padding same"),
        ("int8", (), "under tflm, padding same"),
        ("float32", ("dtype",), "under tflm, padding same"),
    ],
)
def test_the_type_on_a_chip_is_named_where_it_is_another(
    dtype: str, varied: tuple[str, ...], said: str
) -> None:
    assert [*resting_on(bncalc.Assumptions(dtype=dtype), ("ram",), varied)][-1] == said
