"""Tables for papers: units, captions, other tools' totals, and no ratios where none are wanted."""

import csv
import io
import json
import re

from tests.program import run
from tests.rows import each_of

from bncalc.render.paper import Style, styled
from bncalc.render.table import Cell, Column, Row, Table

NETS = ("compare", "resnet50", "mobilenet_v2", "--columns", "params,macs")


def test_a_table_in_units_keeps_three_digits_and_says_the_unit() -> None:
    shown = run(*NETS, "--unit", "params=M,macs=G", "--no-ratio").stdout
    assert shown.splitlines()[1].split() == ["design", "params", "(M)", "MACs", "(G)"]
    assert shown.splitlines()[3].split() == ["resnet50", "25.56", "4.089"]
    assert shown.splitlines()[4].split() == ["mobilenet_v2", "3.50", "0.301"]  # 300,774,272
    assert "÷" not in shown


def test_one_unit_is_for_all_counts_and_machine_formats_stay_exact() -> None:
    assert "0.02556" in run(*NETS, "--unit", "G").stdout
    rows = csv.DictReader(io.StringIO(run(*NETS, "--unit", "G", "-f", "csv").stdout))
    assert [row["macs"] for row in rows] == ["4089184256", "300774272"]
    document = json.loads(run(*NETS, "--unit", "G", "--no-ratio", "-f", "json").stdout)
    assert document["designs"][0]["totals"]["macs"] == 4089184256


@each_of(
    [
        ((4_089_184_256, 300_774_272), "G", ["4.089", "0.301"]),
        ((85_000_000,), "G", ["0.0850"]),
        ((100,), "k", ["0.100"]),
        ((12_345_678, 0, None), "M", ["12.3", "0.0", None]),
        ((1,), "T", ["0.000000000"]),  # nine decimals at most
    ]
)
def test_the_least_number_of_a_column_keeps_three_digits(
    numbers: tuple[int | None, ...], unit: str, shown: list[str | None]
) -> None:
    rows = tuple(Row((Cell("net"), Cell(number))) for number in numbers)
    table = Table("", (Column("name", "", "name"), Column("macs", "MACs")), rows)
    scaled = styled(table, Style(units={"macs": unit}))
    assert [row.cells[1].value for row in scaled.rows] == shown
    assert scaled.columns[1].title == f"MACs ({unit})"


def test_csv_has_no_ratios_where_none_are_wanted() -> None:
    header = run(*NETS, "--no-ratio", "-f", "csv").stdout.splitlines()[0]
    assert header == "name,params,macs"


def test_latex_has_a_caption_and_a_label() -> None:
    shown = run(*NETS, "-f", "latex", "--caption", "Costs, 50 %", "--label", "tab:costs").stdout
    assert r"\caption{Costs, 50 \%}\label{tab:costs}" in shown
    assert "% 2 designs at 3×224×224, against resnet50\n" in shown
    assert shown.index(r"\begin{table}") < shown.index(r"\begin{tabular}")
    assert shown.rstrip().endswith(r"\end{table}")
    hostile = run(*NETS, "-f", "latex", "--label", "}\\input{/etc/passwd}").stdout
    assert r"\label{--input--etc-passwd-}" in hostile
    assert r"\begin{table}" not in run(*NETS, "-f", "latex").stdout


def test_several_tools_are_several_columns() -> None:
    tools = ("--as", "fvcore", "--as", "calflops")
    shown = run("compare", "resnet50", "resnet18", *tools, "--unit", "G", "-f", "markdown").stdout
    assert "MACs (fvcore, G) | FLOPs (calflops, G)" in shown
    rows = list(csv.DictReader(io.StringIO(run("show", "resnet50", *tools, "-f", "csv").stdout)))
    # what the tools print, as `bncalc conventions resnet50` takes it apart
    assert (rows[-1]["fvcore_total"], rows[-1]["calflops_total"]) == ("4111512576", "8211108352")
    layers = [row for row in rows if row["row"] == "layer"]
    assert sum(int(row["calflops_total"]) for row in layers) == 8211108352
    document = json.loads(run("show", "resnet50", *tools, "-f", "json").stdout)
    assert document["convention"] == "fvcore,calflops"
    totals = document["designs"][0]["totals"]
    assert totals["convention_total"] == 4111512576
    assert totals["convention_totals"] == {"fvcore": 4111512576, "calflops": 8211108352}


def test_one_tool_has_the_column_that_it_had() -> None:
    header = run("show", "resnet18", "--as", "thop", "-f", "csv").stdout.splitlines()[0]
    assert header.endswith("convention_total,row")
    assert "MACs (thop)" in run("show", "resnet18", "--depth", "1", "--as", "thop").stdout


def test_shares_are_percent_columns() -> None:
    shown = run("show", "resnet18", "--depth", "1", "--columns", "macs,share", "-f", "latex").stdout
    assert re.search(r"^stage1 & 462,422,016 & 25\.5 \\%", shown, re.M)


@each_of(
    [("Q", "unknown unit 'Q'"), ("macs=", "unknown unit"), ("mcas=G", "did you mean 'macs'?")],
)
def test_a_unit_that_is_none_is_refused(unit: str, message: str) -> None:
    done = run(*NETS, "--unit", unit)
    assert done.returncode == 2
    assert message in done.stderr
